// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/module_chips.h"

#include <QPushButton>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

QString nameOf(const QPushButton* chip) {
    return chip->accessibleName(); // the text has the signs of a button
}

} // namespace

ModuleChips::ModuleChips(QWidget* parent) : QWidget(parent), m_layout(new FlowLayout(metrics::kGrid, this)) {
    m_layout->setContentsMargins(0, 0, 0, 0);
}

QList<QPushButton*> ModuleChips::chips() const {
    return findChildren<QPushButton*>(QString(), Qt::FindDirectChildrenOnly);
}

void ModuleChips::makeChips(const QStringList& names) {
    qDeleteAll(chips());
    for (const QString& name : names) {
        QPushButton* chip = makeButton(literalText(name));
        chip->setAccessibleName(name);
        chip->setProperty("kind", QStringLiteral("chip"));
        chip->setCheckable(true);
        chip->setFont(Theme::current().font(TextRole::Monospace));
        chip->setIconSize({metrics::kIcon, metrics::kIcon});
        chip->setToolTip(m_toolTip.arg(name));
        connect(chip, &QPushButton::clicked, this, &ModuleChips::clicked);
        connect(chip, &QPushButton::toggled, chip, [chip] { paint(chip); });
        m_layout->addWidget(chip);
        chip->show();
    }
}

void ModuleChips::paint(QPushButton* chip) {
    chip->setIcon(icon(chip->isChecked() ? QStringLiteral("check") : QStringLiteral("plus"),
                       chip->isChecked() ? ColorToken::AccentText : ColorToken::Secondary));
}

void ModuleChips::showNames(const QStringList& names, const QStringList& chosen, const QStringList& operable) {
    QStringList shown;
    for (const QPushButton* chip : chips())
        shown.append(nameOf(chip));
    if (shown != names)
        makeChips(names);
    for (QPushButton* chip : chips()) {
        chip->setEnabled(operable.contains(nameOf(chip)));
        chip->setChecked(chosen.contains(nameOf(chip)));
        paint(chip);
    }
}

QStringList ModuleChips::chosen() const {
    QStringList names;
    for (const QPushButton* chip : chips())
        if (chip->isChecked())
            names.append(nameOf(chip));
    return names;
}

} // namespace lorikeet::ui
