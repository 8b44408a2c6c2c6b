// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QPushButton>

#include "core/jobs/run_check.h"
#include "core/train/run_settings.h"
#include "ui/pages/module_chips.h"
#include "ui/pages/new_run_cards.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/setting_controls.h"
#include "ui/pages/setting_words.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/columns_layout.h"
#include "ui/widgets/field.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

const QString kTargets = QStringLiteral("lora.target_modules");
const QString kAllLinear = QStringLiteral("all-linear");
const QString kOrigin = QStringLiteral("lora.init_from");
const QString kSaved = QStringLiteral("lora.modules_to_save");

/// The names of a list; none where it is a word or a pattern.
QStringList namesIn(const QString& targets) {
    QStringList names;
    for (const auto& name : QJsonDocument::fromJson(targets.toUtf8()).array())
        names.append(name.toString());
    return names;
}

QString listOf(const QStringList& names) {
    return QString::fromUtf8(QJsonDocument(QJsonArray::fromStringList(names)).toJson(QJsonDocument::Compact));
}

} // namespace

LoraCard::LoraCard(RunDraft& draft, SettingControls& controls, QWidget* parent)
    : Card(tr("LoRA"), parent), m_draft(draft), m_facts(makeLabel({}, LabelRole::Secondary)) {
    head()->addWidget(m_facts);
    body()->addWidget(makeOrigin(controls));
    auto* columns = new ColumnsLayout;
    body()->addLayout(columns);
    Field* rank =
        controls.number(QStringLiteral("lora.r"), {.low = 1, .high = 65536, .step = NumberRule::Step::Doubling});
    columns->addWidget(rank);
    Field* alpha = controls.number(QStringLiteral("lora.lora_alpha"),
                                   {.isLowAllowed = false, .isWhole = false, .step = NumberRule::Step::Doubling});
    Field* dropout = controls.number(QStringLiteral("lora.lora_dropout"),
                                     {.high = 1, .isHighAllowed = false, .isWhole = false, .stepSize = 0.05});
    CheckField* rslora = controls.toggle(QStringLiteral("lora.use_rslora"));
    CheckField* dora = controls.toggle(QStringLiteral("lora.use_dora"));
    m_advanced = {alpha, dropout, rslora, dora};
    for (QWidget* widget : qAsConst(m_advanced))
        columns->addWidget(widget);
    QWidget* targets = makeTargets(controls);
    body()->addWidget(targets);
    QWidget* saved = makeSaved(controls);
    body()->addWidget(saved);
    m_advanced += {targets, saved};
    // What an adapter to go on from decides is not for choosing.
    controls.bind({kOrigin, [=, this](const QString& value) {
                       m_origin->setVisible(!value.isEmpty());
                       m_originText->setText(tr("Goes on from %1, which sets rank, alpha and modules.").arg(value));
                       for (QWidget* widget : QList<QWidget*>{rank, alpha, rslora, dora, targets, saved})
                           widget->setEnabled(value.isEmpty());
                   }});
}

QWidget* LoraCard::makeOrigin(SettingControls&) {
    m_origin = new QWidget;
    auto* layout = new QHBoxLayout(m_origin);
    layout->setContentsMargins(0, 0, 0, 0);
    m_originText = makeParagraph({}, LabelRole::BodySecondary);
    layout->addWidget(m_originText, 1);
    QPushButton* fresh = makeButton(tr("Use a fresh adapter"), ButtonKind::Normal, {}, ControlSize::Compact);
    fresh->setToolTip(tr("Trains an adapter that begins with nothing learned"));
    layout->addWidget(fresh);
    connect(fresh, &QPushButton::clicked, this, [this] { m_draft.reset(kOrigin); });
    m_origin->hide();
    return m_origin;
}

QWidget* LoraCard::makeTargets(SettingControls& controls) {
    m_targetChips = new ModuleChips;
    m_targetChips->setToolTipPattern(tr("Whether %1 gets an adapter"));
    auto* box = new QWidget;
    auto* line = new QHBoxLayout(box);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::kGrid);
    line->addWidget(m_targetChips, 1);
    m_allLinear = makeButton(tr("All linear layers"), ButtonKind::Link);
    m_allLinear->setToolTip(tr("Gives every linear layer of the model an adapter"));
    line->addWidget(m_allLinear, 0, Qt::AlignVCenter);
    connect(m_allLinear, &QPushButton::clicked, this, [this] {
        m_draft.settle();
        m_draft.set(kTargets, kAllLinear);
        m_draft.settle();
    });
    connect(m_targetChips, &ModuleChips::clicked, this, &LoraCard::takeTargets);
    auto* field = new Field(settingTitle(kTargets), box, settingExplanation(kTargets));
    controls.bind(kTargets, field, [this](const QString& value) {
        m_targets = value;
        showTargets();
    });
    return field;
}

void LoraCard::showTargets() {
    const bool isAll = m_targets == kAllLinear;
    QStringList chosen = namesIn(m_targets);
    QStringList names = m_modules;
    for (const QString& name : qAsConst(chosen))
        if (!names.contains(name))
            names.append(name);
    const QStringList operable = names;
    // A word or a pattern that stands for modules unknown is shown, not operated.
    if (names.isEmpty() || (!isAll && chosen.isEmpty()))
        chosen = names = QStringList{isAll ? settingText(kTargets, kAllLinear) : m_targets};
    m_targetChips->showNames(names, isAll ? names : chosen, operable);
    m_allLinear->setEnabled(!isAll);
}

void LoraCard::takeTargets() {
    const QStringList names = m_targetChips->chosen();
    const bool isAll = !m_modules.isEmpty() && names == m_modules;
    m_draft.settle();
    if (names.isEmpty())
        m_draft.setMistake(kTargets, tr("Choose at least one module; else nothing would be trained"));
    else
        m_draft.set(kTargets, isAll ? kAllLinear : listOf(names));
    m_draft.settle();
}

QWidget* LoraCard::makeSaved(SettingControls& controls) {
    auto* chips = new ModuleChips;
    chips->setToolTipPattern(tr("Whether %1 is trained as a whole: 16 bytes of memory for each of its weights"));
    auto* field = new Field(settingTitle(kSaved), chips, settingExplanation(kSaved));
    controls.bind(kSaved, field, [chips](const QString& value) {
        const QStringList chosen = namesIn(value);
        QStringList names = {QStringLiteral("embed_tokens"), QStringLiteral("lm_head"), QStringLiteral("norm"),
                             QStringLiteral("input_layernorm"), QStringLiteral("post_attention_layernorm")};
        for (const QString& name : chosen)
            if (!names.contains(name))
                names.append(name);
        chips->showNames(names, chosen, names);
    });
    connect(chips, &ModuleChips::clicked, this, [this, chips] {
        m_draft.settle();
        m_draft.set(kSaved, listOf(chips->chosen()));
        m_draft.settle();
    });
    return field;
}

void LoraCard::setAdvanced(bool advanced) {
    for (QWidget* widget : qAsConst(m_advanced))
        widget->setVisible(advanced);
}

void LoraCard::showCheck(const RunCheck& check) {
    m_facts->setText(trainedFacts(check));
    QStringList modules;
    for (const std::string& name : check.model ? check.model->modules : std::vector<std::string>())
        modules.append(QString::fromStdString(name));
    if (modules.isEmpty() || modules == m_modules)
        return; // those of the last model stay while there is none
    m_modules = modules;
    showTargets();
}

} // namespace lorikeet::ui
