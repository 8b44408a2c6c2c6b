// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QPushButton>

#include "core/jobs/run_check.h"
#include "core/train/run_settings.h"
#include "ui/pages/new_run_cards.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/setting_controls.h"
#include "ui/pages/setting_words.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/columns_layout.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

const QString kTargets = QStringLiteral("lora.target_modules");
const QString kAllLinear = QStringLiteral("all-linear");
const QString kOrigin = QStringLiteral("lora.init_from");

/// The names of a list; none where it is a word or a pattern.
QStringList namesIn(const QString& targets) {
    QStringList names;
    for (const auto& name : QJsonDocument::fromJson(targets.toUtf8()).array())
        names.append(name.toString());
    return names;
}

QString nameOf(const QPushButton* chip) {
    return chip->accessibleName(); // the text has the signs of a button
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
    m_advanced = {alpha, dropout, rslora};
    for (QWidget* widget : qAsConst(m_advanced))
        columns->addWidget(widget);
    QWidget* targets = makeTargets(controls);
    body()->addWidget(targets);
    m_advanced.append(targets);
    // What an adapter to go on from decides is not for choosing.
    controls.bind({kOrigin, [=, this](const QString& value) {
                       m_origin->setVisible(!value.isEmpty());
                       m_originText->setText(tr("Goes on from %1, which sets rank, alpha and modules.").arg(value));
                       for (QWidget* widget : QList<QWidget*>{rank, alpha, rslora, targets})
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
    m_chipBox = new QWidget;
    m_chips = new FlowLayout(metrics::kGrid, m_chipBox);
    m_chips->setContentsMargins(0, 0, 0, 0);
    auto* box = new QWidget;
    auto* line = new QHBoxLayout(box);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::kGrid);
    line->addWidget(m_chipBox, 1);
    m_allLinear = makeButton(tr("All linear layers"), ButtonKind::Link);
    m_allLinear->setToolTip(tr("Gives every linear layer of the model an adapter"));
    line->addWidget(m_allLinear, 0, Qt::AlignVCenter);
    connect(m_allLinear, &QPushButton::clicked, this, [this] {
        m_draft.settle();
        m_draft.set(kTargets, kAllLinear);
        m_draft.settle();
    });
    auto* field = new Field(settingTitle(kTargets), box, settingExplanation(kTargets));
    controls.bind(kTargets, field, [this](const QString& value) {
        m_targets = value;
        showTargets();
    });
    return field;
}

void LoraCard::showTargets() {
    const bool isAll = m_targets == kAllLinear;
    const QStringList chosen = namesIn(m_targets);
    QStringList names = m_modules;
    for (const QString& name : chosen)
        if (!names.contains(name))
            names.append(name);
    if (names.isEmpty() || (!isAll && chosen.isEmpty()))
        names = QStringList{isAll ? settingText(kTargets, kAllLinear) : m_targets};
    const QList<QPushButton*> old = m_chipBox->findChildren<QPushButton*>(QString(), Qt::FindDirectChildrenOnly);
    QStringList shown;
    for (const QPushButton* chip : old)
        shown.append(nameOf(chip));
    if (shown != names) {
        qDeleteAll(old);
        for (const QString& name : qAsConst(names)) {
            QPushButton* chip = makeButton(literalText(name));
            chip->setAccessibleName(name);
            chip->setProperty("kind", QStringLiteral("chip"));
            chip->setCheckable(true);
            chip->setFont(Theme::current().font(TextRole::Monospace));
            chip->setIconSize({metrics::kIcon, metrics::kIcon});
            chip->setToolTip(tr("Whether %1 gets an adapter").arg(name));
            connect(chip, &QPushButton::clicked, this, &LoraCard::onChip);
            m_chips->addWidget(chip);
            chip->show();
        }
    }
    for (QPushButton* chip : m_chipBox->findChildren<QPushButton*>(QString(), Qt::FindDirectChildrenOnly)) {
        // A word or a pattern that stands for modules unknown is shown, not operated.
        chip->setEnabled(m_modules.contains(nameOf(chip)) || chosen.contains(nameOf(chip)));
        chip->setChecked(isAll || chosen.contains(nameOf(chip)) || !chip->isEnabled());
        chip->setIcon(icon(chip->isChecked() ? QStringLiteral("check") : QStringLiteral("plus"),
                           chip->isChecked() ? ColorToken::AccentText : ColorToken::Secondary));
    }
    m_allLinear->setEnabled(!isAll);
}

void LoraCard::onChip() {
    QJsonArray names;
    bool isAll = !m_modules.isEmpty();
    for (const QPushButton* chip : m_chipBox->findChildren<QPushButton*>(QString(), Qt::FindDirectChildrenOnly)) {
        if (chip->isChecked())
            names.append(nameOf(chip));
        isAll &= chip->isChecked() && m_modules.contains(nameOf(chip));
    }
    m_draft.settle();
    if (names.isEmpty())
        m_draft.setMistake(kTargets, tr("Choose at least one module; else nothing would be trained"));
    else
        m_draft.set(kTargets,
                    isAll ? kAllLinear : QString::fromUtf8(QJsonDocument(names).toJson(QJsonDocument::Compact)));
    m_draft.settle();
    for (QPushButton* chip : m_chipBox->findChildren<QPushButton*>(QString(), Qt::FindDirectChildrenOnly))
        chip->setIcon(icon(chip->isChecked() ? QStringLiteral("check") : QStringLiteral("plus"),
                           chip->isChecked() ? ColorToken::AccentText : ColorToken::Secondary));
}

void LoraCard::setAdvanced(bool advanced) {
    for (QWidget* widget : qAsConst(m_advanced))
        widget->setVisible(advanced);
}

void LoraCard::showCheck(const RunCheck& check) {
    m_facts->setText(check.trainableParameters > 0
                         ? tr("%1 parameters trained, %2 of the model")
                               .arg(formatBig(check.trainableParameters), formatShare(check.trainableShare))
                         : QString());
    QStringList modules;
    for (const std::string& name : check.model ? check.model->modules : std::vector<std::string>())
        modules.append(QString::fromStdString(name));
    if (modules.isEmpty() || modules == m_modules)
        return; // those of the last model stay while there is none
    m_modules = modules;
    showTargets();
}

} // namespace lorikeet::ui
