// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/field.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/reset_dot.h"

namespace lorikeet::ui {
namespace {

QString stateName(FieldState state) {
    return state == FieldState::Error     ? QStringLiteral("error")
           : state == FieldState::Warning ? QStringLiteral("warning")
                                          : QString();
}

} // namespace

Field::Field(const QString& label, QWidget* control, const QString& explanation, QWidget* parent)
    : QWidget(parent), m_control(control), m_dot(new ResetDot), m_hint(makeLabel({}, LabelRole::Secondary)) {
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
    m_hint->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_hint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // so that it moves nothing
    line->addWidget(m_hint, 1);
    layout->addLayout(line);
    layout->addWidget(control);
    control->setAccessibleName(label);
    control->setAccessibleDescription(explanation);
    control->setToolTip(explanation);
    control->setWhatsThis(explanation);
    connect(m_dot, &ResetDot::clicked, this, &Field::resetWanted);
    setDiffers(false);
}

void Field::setDiffers(bool differs, const QString& defaultText) {
    m_dot->setDiffers(differs, m_control->accessibleName(), defaultText);
}

void Field::setState(FieldState state, const QString& hint) {
    setStyleProperty(m_control, "state", stateName(state));
    m_hint->setText(hint);
    m_hint->setToolTip(hint);
    setTone(m_hint, state == FieldState::Error     ? LabelTone::Danger
                    : state == FieldState::Warning ? LabelTone::Warning
                                                   : LabelTone::Plain);
}

} // namespace lorikeet::ui
