// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segmented_control.h"

#include <QButtonGroup>
#include <QHBoxLayout>

namespace lorikeet::ui {

SegmentedControl::SegmentedControl(const QString& name, const QStringList& segments, ControlSize size, QWidget* parent)
    : QFrame(parent), m_buttons(new QButtonGroup(this)) {
    setProperty("role", QStringLiteral("segments"));
    setAccessibleName(name);
    setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(1, 0, 1, 0);
    layout->setSpacing(0);
    m_buttons->setExclusive(true);
    for (int i = 0; i < segments.size(); ++i) {
        QPushButton* button = makeButton(segments[i], ButtonKind::Normal, {}, size);
        button->setProperty("kind", QStringLiteral("segment"));
        button->setCheckable(true);
        button->setAccessibleName(QStringLiteral("%1: %2").arg(name, segments[i]));
        m_buttons->addButton(button, i);
        layout->addWidget(button);
    }
    if (QAbstractButton* first = m_buttons->button(0))
        first->setChecked(true);
    connect(m_buttons, &QButtonGroup::idClicked, this, &SegmentedControl::chosen);
}

int SegmentedControl::current() const {
    return m_buttons->checkedId();
}

void SegmentedControl::setCurrent(int index) {
    if (QAbstractButton* button = m_buttons->button(index))
        button->setChecked(true);
}

void SegmentedControl::setSegmentEnabled(int index, bool enabled, const QString& whyNot) {
    segment(index)->setEnabled(enabled);
    segment(index)->setToolTip(enabled ? QString() : whyNot);
}

void SegmentedControl::setTight() {
    for (QAbstractButton* button : m_buttons->buttons())
        button->setProperty("tight", true);
}

QPushButton* SegmentedControl::segment(int index) const {
    return qobject_cast<QPushButton*>(m_buttons->button(index));
}

} // namespace lorikeet::ui
