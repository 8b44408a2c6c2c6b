// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include "ui/widgets/card.h"
#include "ui/widgets/labels.h"

class QComboBox;
class QPushButton;
class QToolButton;

namespace lorikeet::ui {

/// Where something comes from: one of a library or a path, which can be typed, chosen or dropped, with the facts about
/// it below.
class SourceCard : public Card {
    Q_OBJECT
public:
    struct Entry {
        QString name;
        QString value; ///< what stands in the run's file
    };

    /// `link` is the button in the head.
    SourceCard(const QString& title, const QString& explanation, const QString& placeholder, const QString& link,
               QWidget* parent = nullptr);

    /// What the library holds.
    void setEntries(const QList<Entry>& entries);
    /// Shows the entry of that value, or else the value itself. Emits nothing.
    void setValue(const QString& value);
    void setFacts(const QString& text, LabelTone tone);
    /// Name of the library's entry that is shown; empty for a path.
    QString entryName() const;
    QToolButton* browseButton() const { return m_browse; }

signals:
    /// The user has typed, chosen or dropped a value.
    void chosen(const QString& value);
    void linkClicked();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QComboBox* m_box;
    QToolButton* m_browse;
    QPushButton* m_link;
    QLabel* m_facts;
    QString m_value;
};

} // namespace lorikeet::ui
