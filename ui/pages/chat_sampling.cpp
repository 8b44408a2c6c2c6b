// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_sampling.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/field.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/number_slider.h"

namespace lorikeet::ui {
namespace {

constexpr int kWidth = 240;
constexpr int kPromptDelay = 400; // ms after the last key
constexpr int kPromptLines = 5;

/// The presets in the order of the list; what fits none is "Custom", the last.
const ChatSampling kPresets[] = {{}, {.temperature = 0.0, .topP = 1.0}, {.temperature = 1.0, .topP = 0.98}};
constexpr int kCustom = int(std::size(kPresets));

int presetOf(const ChatSampling& sampling) {
    for (int i = 0; i < kCustom; ++i)
        if (kPresets[i].temperature == sampling.temperature && kPresets[i].topP == sampling.topP &&
            kPresets[i].repetitionPenalty == sampling.repetitionPenalty)
            return i;
    return kCustom;
}

QSpinBox* makeBox(int least, int most, int step) {
    auto* box = new QSpinBox;
    box->setRange(least, most);
    box->setSingleStep(step);
    box->setKeyboardTracking(false);
    return box;
}

} // namespace

ChatSamplingPanel::ChatSamplingPanel(QWidget* parent)
    : QFrame(parent), m_reset(makeIconButton(QStringLiteral("undo"), tr("Reset the sampling and the system prompt"))),
      m_collapse(makeIconButton(QStringLiteral("panel"), tr("Hide the sampling"))), m_preset(new QComboBox),
      m_temperature(new NumberSlider(
          tr("Temperature"), {0.0, 2.0, 0.05, ChatSampling().temperature, 2},
          tr("How freely words are chosen. 0 always takes the most probable one; higher is more varied, and wilder."))),
      m_topP(new NumberSlider(tr("Top-p"), {0.05, 1.0, 0.05, ChatSampling().topP, 2},
                              tr("Only the most probable words that share this much probability are chosen from. Lower "
                                 "is safer and more uniform."))),
      m_repetition(new NumberSlider(tr("Repetition penalty"), {1.0, 2.0, 0.05, ChatSampling().repetitionPenalty, 2},
                                    tr("Makes words less probable that have been used already. 1 leaves them as they "
                                       "are; higher repeats less, and strays more."))),
      m_tokens(makeBox(1, 32768, 64)), m_seed(makeBox(0, std::numeric_limits<int>::max(), 1)),
      m_tokensField(new Field(tr("Max new tokens"), m_tokens,
                              tr("After how many tokens an answer is cut. A token is a word or a part of one."))),
      m_seedField(new Field(tr("Seed, the same for both"), m_seed,
                            tr("Where chance begins: the same seed gives the same answer to the same conversation."))),
      m_prompt(new QPlainTextEdit), m_promptSource(makeParagraph({}, LabelRole::Secondary)),
      m_promptDelay(new QTimer(this)), m_device(makeParagraph({}, LabelRole::Secondary)) {
    setFixedWidth(scaled(kWidth));
    setAccessibleName(tr("Sampling"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, metrics::kPage, 0, 0);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(makeHead());
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(makeBody());
    layout->addWidget(scroll, 1);
    connect(m_collapse, &QToolButton::clicked, this, &ChatSamplingPanel::collapseWanted);
    connect(m_reset, &QToolButton::clicked, this, &ChatSamplingPanel::reset);
    set({}, std::nullopt);
}

QWidget* ChatSamplingPanel::makeHead() {
    auto* head = new QWidget;
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(metrics::kGap, 0, metrics::kGap, 0);
    layout->setSpacing(metrics::kInside);
    QLabel* title = makeLabel(tr("Sampling"), LabelRole::Heading);
    title->setMinimumHeight(metrics::kControl);
    layout->addWidget(title, 1);
    layout->addWidget(m_reset);
    m_collapse->setCheckable(true);
    m_collapse->setChecked(true);
    layout->addWidget(m_collapse);
    return head;
}

QWidget* ChatSamplingPanel::makeBody() {
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    auto* body = new QVBoxLayout(content);
    body->setContentsMargins(metrics::kGap, metrics::kInside, metrics::kGap, metrics::kGap);
    body->setSpacing(metrics::kGrid + metrics::kInside);
    body->addWidget(makePreset());
    for (NumberSlider* number : {m_temperature, m_topP, m_repetition}) {
        body->addWidget(number);
        connect(number, &NumberSlider::changed, this, &ChatSamplingPanel::take);
    }
    makeNumbers(body);
    body->addSpacing(metrics::kInside);
    body->addWidget(makeHairline());
    body->addSpacing(metrics::kInside);
    makeSystemPrompt(body);
    auto* device = new QVBoxLayout;
    device->setSpacing(metrics::kInside);
    device->addWidget(makeLabel(tr("Device"), LabelRole::Secondary));
    m_device->setProperty("role", QStringLiteral("body"));
    device->addWidget(m_device);
    body->addLayout(device);
    body->addStretch(1);
    return content;
}

Field* ChatSamplingPanel::makePreset() {
    m_preset->addItems({tr("Default"), tr("Most probable"), tr("Varied"), tr("Custom")});
    auto* field = new Field(tr("Preset"), m_preset, tr("Values for the three settings below that go well together."));
    connect(m_preset, &QComboBox::activated, this, [this](int index) {
        if (index >= kCustom) {
            show(m_sampling); // it is what the values make it
            return;
        }
        ChatSampling sampling = kPresets[index];
        sampling.maxNewTokens = m_sampling.maxNewTokens;
        sampling.seed = m_sampling.seed;
        show(sampling);
        take();
    });
    return field;
}

void ChatSamplingPanel::makeNumbers(QVBoxLayout* body) {
    const std::pair<Field*, QSpinBox*> numbers[] = {{m_tokensField, m_tokens}, {m_seedField, m_seed}};
    const int standards[] = {int(ChatSampling().maxNewTokens), int(ChatSampling().seed)};
    for (int i = 0; i < 2; ++i) {
        const auto [field, box] = numbers[i];
        body->addWidget(field);
        connect(box, &QSpinBox::valueChanged, this, &ChatSamplingPanel::take);
        connect(field, &Field::resetWanted, box, [box = box, standard = standards[i]] { box->setValue(standard); });
    }
}

void ChatSamplingPanel::makeSystemPrompt(QVBoxLayout* body) {
    auto* part = new QVBoxLayout;
    part->setSpacing(metrics::kInside);
    m_prompt->setTabChangesFocus(true);
    m_prompt->setPlaceholderText(tr("None of your own"));
    m_prompt->setFixedHeight(kPromptLines * m_prompt->fontMetrics().lineSpacing() + 2 * metrics::kGrid);
    auto* field = new Field(tr("System prompt"), m_prompt,
                            tr("Said to the model before the conversation: who it is, and how it should answer."));
    part->addWidget(field);
    part->addWidget(m_promptSource);
    body->addLayout(part);
    m_promptDelay->setSingleShot(true);
    m_promptDelay->setInterval(kPromptDelay);
    connect(m_prompt, &QPlainTextEdit::textChanged, m_promptDelay, qOverload<>(&QTimer::start));
    connect(m_promptDelay, &QTimer::timeout, this, &ChatSamplingPanel::takeSystemPrompt);
}

void ChatSamplingPanel::set(const ChatSampling& sampling, const std::optional<std::string>& systemPrompt) {
    show(sampling);
    if (m_promptDelay->isActive() && systemPrompt == m_systemPrompt)
        return; // it is being written
    m_systemPrompt = systemPrompt;
    const QSignalBlocker blocker(m_prompt);
    const QString text = QString::fromStdString(systemPrompt.value_or(std::string()));
    if (m_prompt->toPlainText().trimmed() != text)
        m_prompt->setPlainText(text);
    m_promptSource->setText(systemPrompt ? tr("Your own") : tr("From the model's chat template"));
}

void ChatSamplingPanel::setDevice(const QString& device) {
    m_device->setText(device);
}

void ChatSamplingPanel::show(const ChatSampling& sampling) {
    m_sampling = sampling;
    const QSignalBlocker noTokens(m_tokens), noSeed(m_seed), noPreset(m_preset);
    m_temperature->setValue(sampling.temperature);
    m_topP->setValue(sampling.topP);
    m_repetition->setValue(sampling.repetitionPenalty);
    m_tokens->setValue(int(std::clamp<int64_t>(sampling.maxNewTokens, m_tokens->minimum(), m_tokens->maximum())));
    m_seed->setValue(int(std::min<uint64_t>(sampling.seed, uint64_t(m_seed->maximum()))));
    m_preset->setCurrentIndex(presetOf(sampling));
    const ChatSampling standard;
    m_tokensField->setDiffers(sampling.maxNewTokens != standard.maxNewTokens, QString::number(standard.maxNewTokens));
    m_seedField->setDiffers(sampling.seed != standard.seed, QString::number(standard.seed));
}

void ChatSamplingPanel::take() {
    const ChatSampling sampling{.temperature = m_temperature->value(),
                                .topP = m_topP->value(),
                                .repetitionPenalty = m_repetition->value(),
                                .maxNewTokens = m_tokens->value(),
                                .seed = uint64_t(m_seed->value())};
    show(sampling);
    emit samplingChanged(sampling);
}

void ChatSamplingPanel::takeSystemPrompt() {
    const std::string text = m_prompt->toPlainText().trimmed().toStdString();
    m_systemPrompt = text.empty() ? std::nullopt : std::optional(text);
    m_promptSource->setText(m_systemPrompt ? tr("Your own") : tr("From the model's chat template"));
    emit systemPromptChanged(m_systemPrompt);
}

void ChatSamplingPanel::commit() {
    if (!m_promptDelay->isActive())
        return;
    m_promptDelay->stop();
    takeSystemPrompt();
}

void ChatSamplingPanel::forget() {
    m_promptDelay->stop();
}

void ChatSamplingPanel::reset() {
    m_promptDelay->stop();
    set({}, std::nullopt);
    // Whoever hears of one may set both, the other one as it was.
    emit samplingChanged({});
    emit systemPromptChanged(std::nullopt);
}

} // namespace lorikeet::ui
