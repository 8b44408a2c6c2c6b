// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <optional>

#include "core/runs/chat_record.h"
#include "ui/session/chat_service.h"

class QComboBox;
class QLabel;

namespace lorikeet::ui {

class ChatSources;
class ElidedLabel;

/// Who speaks on a side: a model or a run is chosen here, and its step; below stands what is known of it.
class ChatSideHeader : public QWidget {
    Q_OBJECT
public:
    ChatSideHeader(const ChatSources& sources, const QString& name, QWidget* parent = nullptr);

    const ChatSide& side() const { return m_side; }
    void setSide(const ChatSide& side);
    /// What the open model is; none: it is not open.
    void setFacts(const std::optional<ChatFacts>& facts);
    QComboBox* source() const { return m_source; }
    QComboBox* step() const { return m_step; }
    QString facts() const;

signals:
    /// The user chose another one.
    void chosen(const lorikeet::ChatSide& side);

private:
    struct Entry {
        QString text, run, model; ///< without a model: a heading
        bool operator==(const Entry&) const = default;
    };

    void fill();
    QList<Entry> entries() const;
    int currentOf(const QList<Entry>& entries) const;
    void fillSteps();
    void showFacts();
    /// What is wrong with the side before it is asked; empty: nothing.
    QString problem() const;
    void onSourceChosen(int index);
    void onStepChosen(int index);

    const ChatSources& m_sources;
    ChatSide m_side;
    QList<Entry> m_entries; ///< of m_source
    std::optional<ChatFacts> m_openFacts;
    QLabel* m_badge;
    QComboBox* m_source;
    QComboBox* m_step;
    ElidedLabel* m_facts;
    QLabel* m_problem;
};

} // namespace lorikeet::ui
