// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/runs/run_record.h"
#include "ui/widgets/card.h"

class QComboBox;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace lorikeet::ui {

/// What the run answered to its fixed prompts: the newest answer to a prompt, and the first one to compare with.
class RunSamplesCard : public Card {
    Q_OBJECT
public:
    explicit RunSamplesCard(QWidget* parent = nullptr);

    /// When the run answers prompts while there is no answer yet; 0: it has none to answer.
    void setFirstStep(int64_t step);
    void setSamples(const std::vector<SampleRecord>& samples);

private:
    void showAnswers();
    std::vector<const SampleRecord*> answers() const;
    void step(int by);

    std::vector<SampleRecord> m_samples;
    QStringList m_prompts;
    int64_t m_firstStepToCome = 0;
    int m_at = -1; ///< of the answers to the prompt; -1: the newest
    QComboBox* m_prompt;
    QLabel* m_question;
    QWidget* m_newest;
    QLabel* m_step;
    QLabel* m_position;
    QToolButton* m_earlier;
    QToolButton* m_later;
    QLabel* m_answer;
    QWidget* m_first;
    QLabel* m_firstStep;
    QLabel* m_firstAnswer;
    QLabel* m_empty;
};

} // namespace lorikeet::ui
