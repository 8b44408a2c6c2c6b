// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include "ui/pages/dataset_row_chooser.h"
#include "ui/session/dataset_facts.h"
#include "ui/widgets/card.h"

class QPlainTextEdit;
class QStackedWidget;
class QTabBar;

namespace lorikeet::ui {

class Banner;
class TokenLegend;
class TokenView;

/// One row of a dataset in four forms: as it stands in the file, as the template renders it, as tokens, and with the
/// tokens coloured by whether they are trained.
class DatasetPreviewCard : public Card {
    Q_OBJECT
public:
    explicit DatasetPreviewCard(QWidget* parent = nullptr);

    /// Another dataset.
    void reset();
    DatasetRowChooser* rows() const { return m_rows; }
    void showRow(const DatasetRow& row, TrainOn trainOn, int maxLength);
    /// Why there is nothing to show.
    void showProblem(const QString& problem);

private:
    enum Form { kRaw, kRendered, kTokens, kTrained, kForms };

    QWidget* makeForms();
    void showChoice();
    void showForm();
    void fill(Form form);
    void clear();

    DatasetRow m_row; ///< that is shown
    std::array<bool, kForms> m_isFilled = {};
    QString m_noteText;
    bool m_hasLegend = false;
    int m_maxLength = 0;
    DatasetRowChooser* m_rows;
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
    QLabel* m_noteLabel;
};

} // namespace lorikeet::ui
