// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_samples_card.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

/// A text with a line on its left.
QWidget* quoted(QLabel* text) {
    auto* box = new QWidget;
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    QFrame* line = makeHairline(Qt::Vertical);
    line->setFixedWidth(2);
    layout->addWidget(line);
    layout->addWidget(text, 1);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return box;
}

} // namespace

RunSamplesCard::RunSamplesCard(QWidget* parent)
    : Card(tr("Samples"), parent), m_prompt(new QComboBox), m_question(makeParagraph({}, LabelRole::Secondary)),
      m_newest(new QWidget), m_step(makeLabel({}, LabelRole::Value)), m_position(makeLabel({}, LabelRole::Secondary)),
      m_earlier(makeIconButton(QStringLiteral("chevron-left"), tr("Earlier answer"))),
      m_later(makeIconButton(QStringLiteral("chevron-right"), tr("Later answer"))), m_answer(makeParagraph({})),
      m_first(new QWidget), m_firstStep(makeLabel({}, LabelRole::Value)), m_firstAnswer(makeParagraph({})),
      m_empty(makeParagraph({}, LabelRole::BodySecondary)) {
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setToolTip(tr("Which of the run's fixed prompts is shown"));
    m_prompt->setProperty("compact", true);
    head()->addWidget(m_prompt);
    connect(m_prompt, &QComboBox::activated, this, [this] {
        m_at = -1;
        showAnswers();
    });
    connect(m_earlier, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_later, &QToolButton::clicked, this, [this] { step(1); });

    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(m_question);
    auto* newest = new QVBoxLayout(m_newest);
    newest->setContentsMargins(0, 0, 0, 0);
    auto* line = new QHBoxLayout;
    line->addWidget(m_step);
    line->addStretch(1);
    line->addWidget(m_earlier);
    line->addWidget(m_position);
    line->addWidget(m_later);
    newest->addLayout(line);
    newest->addWidget(quoted(m_answer));
    layout->addWidget(m_newest);
    auto* first = new QVBoxLayout(m_first);
    first->setContentsMargins(0, 0, 0, 0);
    first->addWidget(m_firstStep);
    first->addWidget(quoted(m_firstAnswer));
    layout->addWidget(m_first);
    layout->addWidget(m_empty);
    layout->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::StrongFocus);
    scroll->setAccessibleName(tr("Sample answers"));
    scroll->setWidget(content);
    body()->addWidget(scroll, 1);
    setMinimumHeight(160);
    showAnswers();
}

void RunSamplesCard::setFirstStep(int64_t step) {
    if (step == m_firstStepToCome)
        return;
    m_firstStepToCome = step;
    showAnswers();
}

void RunSamplesCard::setSamples(const std::vector<SampleRecord>& samples) {
    if (samples.size() == m_samples.size())
        return;
    m_samples = samples;
    for (const SampleRecord& sample : m_samples) {
        const QString prompt = QString::fromStdString(sample.prompt);
        if (m_prompts.contains(prompt))
            continue;
        m_prompts.append(prompt);
        m_prompt->addItem(QString());
    }
    for (int i = 0; i < m_prompts.size(); ++i)
        m_prompt->setItemText(i, tr("Prompt %1 of %2").arg(i + 1).arg(m_prompts.size()));
    showAnswers();
}

std::vector<const SampleRecord*> RunSamplesCard::answers() const {
    std::vector<const SampleRecord*> found;
    const std::string prompt = m_prompts.value(m_prompt->currentIndex()).toStdString();
    for (const SampleRecord& sample : m_samples)
        if (sample.prompt == prompt)
            found.push_back(&sample);
    return found;
}

void RunSamplesCard::step(int by) {
    const int count = int(answers().size());
    const int at = std::clamp((m_at < 0 ? count - 1 : m_at) + by, 0, count - 1);
    m_at = at == count - 1 ? -1 : at;
    showAnswers();
}

void RunSamplesCard::showAnswers() {
    const std::vector<const SampleRecord*> found = answers();
    const bool hasAny = !found.empty();
    m_prompt->setVisible(m_prompts.size() > 1);
    m_question->setVisible(hasAny);
    m_newest->setVisible(hasAny);
    m_first->setVisible(found.size() > 1);
    m_empty->setVisible(!hasAny);
    m_empty->setText(
        m_firstStepToCome > 0
            ? tr("The first answers come after step %1.").arg(m_firstStepToCome)
            : tr("Give the run prompts under \"Samples\" when you set it up, and their answers appear here as it "
                 "learns."));
    if (!hasAny)
        return;
    const int count = int(found.size());
    const int at = m_at < 0 ? count - 1 : std::min(m_at, count - 1);
    m_question->setText(m_prompts.value(m_prompt->currentIndex()));
    const SampleRecord& shown = *found[size_t(at)];
    m_step->setText(at == count - 1 ? tr("Step %1, latest").arg(shown.step) : tr("Step %1").arg(shown.step));
    m_answer->setText(QString::fromStdString(shown.text));
    m_position->setText(tr("%1 of %2").arg(at + 1).arg(count));
    m_earlier->setEnabled(at > 0);
    m_later->setEnabled(at + 1 < count);
    m_firstStep->setText(tr("Step %1, the first").arg(found.front()->step));
    m_firstAnswer->setText(QString::fromStdString(found.front()->text));
}

} // namespace lorikeet::ui
