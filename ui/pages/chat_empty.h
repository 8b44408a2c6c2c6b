// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace lorikeet::ui {

/// What stands in a conversation without turns: prompts to begin with, or, where there is no model yet, the ways to
/// get one.
class ChatEmpty : public QWidget {
    Q_OBJECT
public:
    explicit ChatEmpty(QWidget* parent = nullptr);

    /// The first of the suggestions get a button each, as many as can be taken in at a glance.
    void showSuggestions(const QString& who, const QStringList& suggestions);
    static constexpr int kMostSuggestions = 6;
    void showNoModel();

signals:
    void suggested(const QString& prompt);
    void modelsWanted();
    void quickStartWanted();

private:
    void setText(const QString& text);
    void clearButtons();

    QLabel* m_title;
    QLabel* m_text;
    QVBoxLayout* m_buttons;
    QStringList m_suggestions;
};

} // namespace lorikeet::ui
