// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <optional>
#include <vector>

#include "ui/session/dataset_facts.h"

class QAction;
class QLabel;
class QMenu;
class QPushButton;
class QSpinBox;
class QToolButton;

namespace lorikeet::ui {

/// Which rows one goes through.
enum class RowChoice { All, Truncated, NeverTrained, Empty, Unfit, Duplicates };

/// Goes from row to row of a dataset: one by one, by number, to those that are worth a look, or through these alone.
class DatasetRowChooser : public QWidget {
    Q_OBJECT
public:
    explicit DatasetRowChooser(QWidget* parent = nullptr);

    /// Another dataset: begins at its first row.
    void reset();
    void setRowCount(int64_t rows);
    /// What going through all rows found, for "Go to"; none while it is not known.
    void setNumbers(const std::optional<DatasetNumbers>& numbers);
    /// The row that is asked for, from 0.
    int64_t row() const { return m_row; }
    RowChoice choice() const { return m_choice; }
    /// How many rows the choice holds.
    int64_t chosen() const;
    /// Goes through some of the rows only, beginning with the first of them; through all, where there are none such.
    void goThrough(RowChoice choice);
    /// Goes through all rows again, and stays where it is.
    void goThroughAll();

signals:
    void rowWanted(int64_t row);
    void choiceChanged();

private:
    QMenu* makeMenu();
    void addGoTo(QMenu* menu, const QString& text, RowChoice choice);
    void choose(RowChoice choice);
    void ask(int64_t row);
    void step(int by);
    void refresh();
    /// None for All, and where there are no such rows.
    const std::vector<int64_t>* rowsOf(RowChoice choice) const;

    int64_t m_rows = 0;
    int64_t m_row = 0;
    RowChoice m_choice = RowChoice::All;
    std::optional<DatasetNumbers> m_numbers;
    QToolButton* m_previous;
    QToolButton* m_next;
    QSpinBox* m_number;
    QLabel* m_of;
    QPushButton* m_goTo;
    QList<std::pair<RowChoice, QAction*>> m_goToActions;
    QAction* m_longest;
};

} // namespace lorikeet::ui
