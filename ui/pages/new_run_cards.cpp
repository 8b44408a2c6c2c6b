// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_cards.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/jobs/run_check.h"
#include "core/train/run_settings.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/setting_controls.h"
#include "ui/pages/setting_words.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/columns_layout.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

constexpr int64_t kUsualSteps = 100; // where nothing tells how many there would be
constexpr double kLargestInt = 2147483647.0;

using Step = NumberRule::Step;

ColumnsLayout* addColumns(Card* card) {
    auto* columns = new ColumnsLayout;
    card->body()->addLayout(columns);
    return columns;
}

/// A field that tells something and takes nothing.
Field* makeTold(const QString& label, QLineEdit* edit, const QString& explanation) {
    edit->setReadOnly(true);
    return new Field(label, edit, explanation);
}

} // namespace

QString trainedFacts(const RunCheck& check) {
    return check.trainableParameters > 0
               ? QCoreApplication::translate("NewRunForm", "%1 parameters trained, %2 of the model")
                     .arg(formatBig(check.trainableParameters), formatShare(check.trainableShare))
               : QString();
}

MethodCard::MethodCard(RunDraft& draft, SettingControls& controls, QWidget* parent)
    : Card(tr("Method"), parent), m_draft(draft), m_facts(makeLabel({}, LabelRole::Secondary)),
      m_note(
          makeParagraph(tr("Every weight is trained as float32, over the model as its file has it: no quantization, no "
                           "adapter. Each checkpoint and the result are whole models."),
                        LabelRole::BodySecondary)) {
    head()->addWidget(m_facts);
    const QString key = QStringLiteral("method");
    m_kind = new SegmentedControl(settingTitle(key), {tr("QLoRA"), tr("LoRA"), tr("Full")});
    m_kind->setTight();
    m_kindField = new Field(settingTitle(key), m_kind, settingExplanation(key));
    const QStringList toolTips = {
        tr("Trains an adapter over the base packed into 4 or 8 bits: needs least memory."),
        tr("Trains an adapter over the base in 16 bits: up to four times the memory for the base, and nothing lost by "
           "packing it."),
        tr("Full finetuning: trains every weight. It learns most, forgets most, and needs 16 bytes of memory for each "
           "weight, 10 with an 8-bit optimizer.")};
    for (int i = 0; i < toolTips.size(); ++i) {
        m_kind->segment(i)->setToolTip(toolTips[i]);
        m_kind->segment(i)->setWhatsThis(toolTips[i]);
    }
    ColumnsLayout* columns = addColumns(this);
    columns->addWidget(m_kindField);
    m_quantization = {controls.segments(QStringLiteral("quantization.type"), {QStringLiteral("none")}),
                      controls.choice(QStringLiteral("quantization.blocksize")),
                      controls.toggle(QStringLiteral("quantization.double_quant"))};
    m_bits = controls.number(QStringLiteral("quantization.bits_per_parameter"),
                             {.high = 32, .isLowAllowed = false, .isWhole = false, .stepSize = 0.01});
    m_quantization.insert(2, m_bits);
    for (QWidget* widget : qAsConst(m_quantization))
        columns->addWidget(widget);
    columns->addSpanning(m_note, 2);
    connect(&draft, &RunDraft::changed, this, &MethodCard::showDraft);
    connect(m_kind, &SegmentedControl::chosen, this, [this](int index) { choose(Kind(index)); });
    connect(m_kindField, &Field::resetWanted, this, [this] { choose(QLora); });
}

MethodCard::Kind MethodCard::kindOf(const RunConfig& config) {
    if (config.method == Method::Full)
        return Full;
    return config.quantization.type == QuantType::None ? Lora : QLora;
}

void MethodCard::showDraft() {
    const Kind kind = kindOf(m_draft.config());
    if (kind == QLora)
        m_lastQuantization = m_draft.config().quantization;
    if (kind != Full)
        m_lastLora = m_draft.config().lora;
    m_kind->setCurrent(kind);
    m_kindField->setDiffers(kind != QLora, m_kind->segment(QLora)->text());
    for (QWidget* widget : qAsConst(m_quantization))
        widget->setVisible(kind == QLora);
    m_bits->setVisible(kind == QLora && !m_draft.config().quantization.blocksize);
    m_note->setVisible(kind == Full);
    m_facts->setVisible(kind == Full); // else the card of the adapter has them
}

void MethodCard::choose(Kind kind) {
    RunConfig config = m_draft.config();
    config.lora = kind == Full ? LoraConfig() : m_lastLora;
    // Of nothing that is quantized there are no blocks to choose; QLoRA has its own again.
    config.quantization = kind == QLora ? m_lastQuantization : quantizationFor(Method::Full);
    config.method = kind == Full ? Method::Full : Method::Lora;
    m_draft.settle();
    m_draft.edit(config, QStringLiteral("method"));
    m_draft.settle();
}

void MethodCard::showCheck(const RunCheck& check) {
    m_facts->setText(trainedFacts(check));
}

TrainingCard::TrainingCard(RunDraft& draft, SettingControls& controls, QWidget* parent)
    : Card(tr("Training"), parent), m_draft(draft), m_facts(makeLabel({}, LabelRole::Secondary)) {
    head()->addWidget(m_facts);
    const auto key = [](const char* name) { return QStringLiteral("training.") + QLatin1String(name); };
    ColumnsLayout* columns = addColumns(this);
    const auto add = [&](QWidget* widget, bool isSimple = false) {
        columns->addWidget(widget);
        if (!isSimple)
            m_advanced.append(widget);
    };
    add(controls.number(key("learning_rate"), {.isLowAllowed = false, .isWhole = false, .step = Step::OneTwoFive}),
        true);
    add(controls.choice(key("lr_scheduler_type")));
    add(controls.number(key("warmup_steps"), {.stepSize = 10}));
    add(controls.choice(key("optim")));
    m_length = makeLength(controls);
    add(m_length, true);
    add(controls.number(key("batch_size"), {.low = 1, .high = kLargestInt}));
    add(controls.number(key("gradient_accumulation_steps"), {.low = 1, .high = kLargestInt}));
    m_effectiveBatch = new QLineEdit;
    add(makeTold(tr("Effective batch"), m_effectiveBatch, tr("Rows of a step: batch size times accumulation steps.")));
    add(controls.number(QStringLiteral("data.max_length"), {.low = 2, .high = 1 << 24, .step = Step::Doubling}), true);
    add(controls.number(QStringLiteral("data.eval_fraction"),
                        {.high = 1, .isHighAllowed = false, .isWhole = false, .stepSize = 0.05, .isPercent = true}));
    add(controls.number(key("max_grad_norm"), {.isWhole = false, .stepSize = 0.1}));
    add(controls.number(key("seed"), {.high = 9.2e18}));
    add(controls.toggle(QStringLiteral("data.packing")));
    m_advanced.append(controls.toggle(key("gradient_checkpointing")));
    columns->addSpanning(m_advanced.last(), 2); // its words are long
    connect(&draft, &RunDraft::changed, this, &TrainingCard::showBatch);
}

Field* TrainingCard::makeLength(SettingControls& controls) {
    const QString stepsKey = QStringLiteral("training.max_steps"),
                  epochsKey = QStringLiteral("training.num_train_epochs");
    auto* box = new QWidget;
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    m_lengthKind = new SegmentedControl(tr("Length"), {tr("Epochs"), tr("Steps")});
    m_lengthKind->setTight();
    m_epochs = new NumberEdit({.high = 100000, .isLowAllowed = false, .isWhole = false});
    m_steps = new NumberEdit({.low = 1, .high = kLargestInt, .stepSize = 10});
    layout->addWidget(m_lengthKind);
    layout->addWidget(m_epochs, 1);
    layout->addWidget(m_steps, 1);
    auto* field = new Field(tr("Length"), box, settingExplanation(epochsKey));
    for (const auto& [edit, key] : {std::pair{m_epochs, epochsKey}, std::pair{m_steps, stepsKey}}) {
        edit->setAccessibleName(settingTitle(key));
        edit->setToolTip(settingExplanation(key));
        edit->setWhatsThis(settingExplanation(key));
        controls.connectNumber(key, edit);
    }
    controls.bind({epochsKey, [this](const QString& value) { m_epochs->setNumber(value); },
                   [this](bool differs, const QString&) {
                       m_epochsDiffer = differs;
                       showLengthDot();
                   },
                   field, &m_epochs->rule()});
    controls.bind({stepsKey,
                   [this](const QString& value) {
                       const bool bySteps = !value.isEmpty();
                       m_lengthKind->setCurrent(bySteps ? 1 : 0);
                       m_epochs->setVisible(!bySteps);
                       m_steps->setVisible(bySteps);
                       if (bySteps)
                           m_steps->setNumber(value);
                   },
                   [this](bool differs, const QString&) {
                       m_stepsDiffer = differs;
                       showLengthDot();
                   },
                   field, &m_steps->rule()});
    connect(m_lengthKind, &SegmentedControl::chosen, this, [this](int index) { chooseLength(index == 1); });
    connect(field, &Field::resetWanted, this, [this, stepsKey, epochsKey] {
        RunConfig config = resetSetting(m_draft.config(), stepsKey.toStdString());
        m_draft.replace(resetSetting(config, epochsKey.toStdString()), tr("Reset length"));
    });
    return field;
}

void TrainingCard::chooseLength(bool bySteps) {
    RunConfig config = m_draft.config();
    if (bySteps == config.training.maxSteps.has_value())
        return;
    config.training.maxSteps.reset();
    if (bySteps)
        config.training.maxSteps = m_foreseenSteps.value_or(kUsualSteps);
    m_draft.replace(config, tr("Length"));
}

void TrainingCard::showLengthDot() {
    const bool bySteps = m_draft.config().training.maxSteps.has_value();
    const QString epochs =
        settingText(QStringLiteral("training.num_train_epochs"), QString::number(RunConfig().training.epochs));
    m_length->setDiffers(m_stepsDiffer || (m_epochsDiffer && !bySteps), tr("%1 epochs").arg(epochs));
}

void TrainingCard::showBatch() {
    const TrainingConfig& training = m_draft.config().training;
    const int64_t rows = int64_t(training.batchSize) * training.accumulationSteps;
    const QString text = rows == 1 ? tr("1 sequence") : tr("%1 sequences").arg(formatCount(rows));
    if (m_effectiveBatch->text() != text)
        m_effectiveBatch->setText(text);
}

void TrainingCard::setAdvanced(bool advanced) {
    for (QWidget* widget : qAsConst(m_advanced))
        widget->setVisible(advanced);
}

void TrainingCard::showCheck(const RunCheck& check) {
    if (check.steps && !m_draft.config().training.maxSteps)
        m_foreseenSteps = check.steps;
    QStringList facts;
    if (check.stepsPerEpoch)
        facts.append(*check.stepsPerEpoch == 1 ? tr("1 step an epoch")
                                               : tr("%1 steps an epoch").arg(formatCount(*check.stepsPerEpoch)));
    if (check.tokensPerStep > 0)
        facts.append((check.stepsPerEpoch ? tr("%1 tokens a step") : tr("up to %1 tokens a step"))
                         .arg(formatCount(check.tokensPerStep)));
    m_facts->setText(facts.join(QStringLiteral(", ")));
}

} // namespace lorikeet::ui
