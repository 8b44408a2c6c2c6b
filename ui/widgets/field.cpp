// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/field.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/dot_button.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

QString stateName(FieldState state) {
    return state == FieldState::Error     ? QStringLiteral("error")
           : state == FieldState::Warning ? QStringLiteral("warning")
                                          : QString();
}

} // namespace

Field::Field(const QString& label, QWidget* control, const QString& explanation, QWidget* parent)
    : QWidget(parent), m_control(control), m_dot(new DotButton), m_hint(makeLabel({}, LabelRole::Secondary)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kInside);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kInside);
    QLabel* name = makeLabel(label, LabelRole::Secondary);
    name->setBuddy(control);
    name->setToolTip(explanation);
    line->addWidget(name);
    line->addWidget(m_dot);
    line->addStretch(1);
    line->addWidget(m_hint);
    layout->addLayout(line);
    layout->addWidget(control);
    control->setAccessibleName(label);
    control->setAccessibleDescription(explanation);
    control->setToolTip(explanation);
    control->setWhatsThis(explanation);
    m_dot->setAccessibleName(tr("%1: Reset to the default").arg(label));
    connect(m_dot, &QToolButton::clicked, this, &Field::resetWanted);
    setDiffers(false);
}

void Field::setDiffers(bool differs, const QString& defaultText) {
    m_dot->setVisible(differs);
    const QString reset =
        defaultText.isEmpty() ? tr("Reset to the default") : tr("Reset to the default, %1").arg(defaultText);
    m_dot->setToolTip(reset);
    m_dot->setAccessibleName(QStringLiteral("%1: %2").arg(m_control->accessibleName(), reset));
}

void Field::setState(FieldState state, const QString& hint) {
    setStyleProperty(m_control, "state", stateName(state));
    m_hint->setText(hint);
    setTone(m_hint, state == FieldState::Error     ? LabelTone::Danger
                    : state == FieldState::Warning ? LabelTone::Warning
                                                   : LabelTone::Plain);
}

} // namespace lorikeet::ui
