// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_cards.h"

#include <QHBoxLayout>
#include <QLineEdit>
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

MethodCard::MethodCard(RunDraft& draft, SettingControls& controls, QWidget* parent) : Card(tr("Method"), parent) {
    const QString key = QStringLiteral("quantization.type");
    auto* method = new SegmentedControl(settingTitle(QStringLiteral("method")), {tr("QLoRA"), tr("LoRA")});
    method->setTight();
    auto* methodField =
        new Field(settingTitle(QStringLiteral("method")), method,
                  tr("QLoRA trains an adapter over a quantized base and needs least memory; LoRA trains "
                     "one over the base in 16 bits."));
    Field* type = controls.segments(key, {QStringLiteral("none")});
    Field* blocksize = controls.choice(QStringLiteral("quantization.blocksize"));
    Field* bits = controls.number(QStringLiteral("quantization.bits_per_parameter"),
                                  {.high = 32, .isLowAllowed = false, .isWhole = false, .stepSize = 0.01});
    CheckField* doubleQuant = controls.toggle(QStringLiteral("quantization.double_quant"));
    ColumnsLayout* columns = addColumns(this);
    for (QWidget* widget : QList<QWidget*>{methodField, type, blocksize, bits, doubleQuant})
        columns->addWidget(widget);

    controls.bind({QStringLiteral("quantization.blocksize"), [bits, &draft](const QString& value) {
                       bits->setVisible(value == QLatin1String("auto") &&
                                        draft.config().quantization.type != QuantType::None);
                   }});
    controls.bind({key, [=, this](const QString& value) {
                       const bool isQuantized = value != QLatin1String("none");
                       if (isQuantized)
                           m_lastType = value;
                       method->setCurrent(isQuantized ? 0 : 1);
                       methodField->setDiffers(!isQuantized, tr("QLoRA"));
                       for (QWidget* widget : QList<QWidget*>{type, blocksize, doubleQuant})
                           widget->setVisible(isQuantized);
                   }});
    connect(method, &SegmentedControl::chosen, &draft, [this, &draft, key](int index) {
        draft.settle();
        draft.set(key, index == 0 ? m_lastType : QStringLiteral("none"));
    });
    connect(methodField, &Field::resetWanted, &draft, [&draft, key] { draft.reset(key); });
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
