// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "ui/session/dataset_facts.h"
#include "ui/widgets/card.h"

class QAction;
class QPlainTextEdit;
class QSpinBox;
class QStackedWidget;
class QTabBar;
class QToolButton;

namespace lorikeet::ui {

class Banner;
class TokenLegend;
class TokenView;

/// Which rows the preview goes through.
enum class RowChoice { All, Truncated, NeverTrained, Empty, Unfit, Duplicates };

/// One row of a dataset in four forms: as it stands in the file, as the template renders it, as tokens, and with the
/// tokens coloured by whether they are trained.
class DatasetPreviewCard : public Card {
    Q_OBJECT
public:
    explicit DatasetPreviewCard(QWidget* parent = nullptr);

    /// Another dataset: begins at its first row.
    void reset();
    void setRowCount(int64_t rows);
    /// What going through all rows found, for "Go to"; none while it is not known.
    void setNumbers(const std::optional<DatasetNumbers>& numbers);
    void showRow(const DatasetRow& row, TrainOn trainOn, int maxLength);
    /// Why there is nothing to show.
    void showProblem(const QString& problem);
    /// The row that is asked for, from 0.
    int64_t row() const { return m_row; }
    /// Goes through some of the rows only, beginning with the first of them.
    void goThrough(RowChoice choice);

signals:
    void rowWanted(int64_t row);

private:
    QWidget* makeForms();
    void makeHead();
    void addGoTo(class QMenu* menu, const QString& text, RowChoice choice);
    void ask(int64_t row);
    void step(int by);
    void updateHead();
    const std::vector<int64_t>* chosenRows() const;
    void updateNote(const DatasetRow& row, TrainOn trainOn);

    int64_t m_rows = 0;
    int64_t m_row = 0;
    RowChoice m_choice = RowChoice::All;
    std::optional<DatasetNumbers> m_numbers;
    QToolButton* m_previous;
    QToolButton* m_next;
    QSpinBox* m_number;
    QLabel* m_of;
    class QPushButton* m_goTo;
    QList<std::pair<RowChoice, QAction*>> m_goToActions;
    QAction* m_longest;
    Banner* m_filter;
    Banner* m_problem;
    QTabBar* m_tabs;
    TokenLegend* m_legend;
    QStackedWidget* m_forms;
    QPlainTextEdit* m_raw;
    QPlainTextEdit* m_rendered;
    TokenView* m_tokens;
    TokenView* m_trained;
    QFrame* m_note;
    QLabel* m_noteText;
};

} // namespace lorikeet::ui
