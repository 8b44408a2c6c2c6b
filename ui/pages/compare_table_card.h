// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "ui/pages/comparison.h"
#include "ui/widgets/card.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

class CompareAnswers;
class CompareTable;
class ComparisonModel;
struct ComparedHead;

/// A column for each compared run: settings, results, and what it answers to a prompt.
class CompareTableCard : public Card {
    Q_OBJECT
public:
    explicit CompareTableCard(std::shared_ptr<Workshop> workshop, QWidget* parent = nullptr);

    /// Other runs, or another order; show() is to follow.
    void setRuns(const QStringList& runs);
    /// What is new of them, a head and a history each; `loaded` of them have been read.
    void show(std::vector<ComparedHead> heads, const std::vector<const RunHistory*>& runs, int loaded);
    /// As it is shown, as comma-separated values.
    QByteArray csv() const;

private:
    void makeHead();
    QWidget* makeAnswerBar();
    void connectParts();
    void applyRows();
    void updateAsking();

    std::vector<ComparisonRow> m_settings, m_results;
    int m_loadedRuns = -1; ///< that m_settings were read from
    ComparisonModel* m_model;
    CompareAnswers* m_answers;
    CompareTable *m_table, *m_answerTable;
    QCheckBox* m_differencesOnly;
    QLabel* m_count;
    QLineEdit* m_prompt;
    QPushButton* m_ask;
};

} // namespace lorikeet::ui
