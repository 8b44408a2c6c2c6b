// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_slider.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>

#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/reset_dot.h"

namespace lorikeet::ui {

NumberSlider::NumberSlider(const QString& label, const Range& range, const QString& explanation, QWidget* parent)
    : QWidget(parent), m_range(range), m_box(new QDoubleSpinBox), m_slider(new QSlider(Qt::Horizontal)),
      m_dot(new ResetDot) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kInside);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kInside);
    QLabel* name = makeLabel(label, LabelRole::Secondary);
    name->setBuddy(m_box);
    line->addWidget(name);
    line->addWidget(m_dot);
    line->addStretch(1);
    m_box->setRange(range.least, range.most);
    m_box->setDecimals(range.decimals);
    m_box->setSingleStep(range.step);
    m_box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_box->setAlignment(Qt::AlignRight);
    m_box->setProperty("compact", true);
    line->addWidget(m_box);
    layout->addLayout(line);
    m_slider->setRange(0, int(std::lround((range.most - range.least) / range.step)));
    m_slider->setMinimumHeight(metrics::kIcon + metrics::kInside / 2); // else its handle is cut
    layout->addWidget(m_slider);
    const QString standard = QLocale().toString(range.standard, 'f', range.decimals);
    m_dot->setToolTip(tr("Reset to the default, %1").arg(standard));
    m_dot->setAccessibleName(QStringLiteral("%1: %2").arg(label, m_dot->toolTip()));
    m_box->setAccessibleName(label);
    m_slider->setAccessibleName(label);
    for (QWidget* part : {static_cast<QWidget*>(name), static_cast<QWidget*>(m_box), static_cast<QWidget*>(m_slider)}) {
        part->setToolTip(explanation);
        part->setWhatsThis(explanation);
        part->setAccessibleDescription(explanation);
    }
    connect(m_box, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        setValue(value);
        emit changed(value);
    });
    connect(m_slider, &QSlider::valueChanged, this,
            [this](int place) { m_box->setValue(m_range.least + place * m_range.step); });
    connect(m_dot, &QToolButton::clicked, this, [this] { m_box->setValue(m_range.standard); });
    setValue(range.standard);
}

double NumberSlider::value() const {
    return m_box->value();
}

void NumberSlider::setValue(double value) {
    const QSignalBlocker noBox(m_box), noSlider(m_slider);
    if (m_box->value() != value)
        m_box->setValue(value);
    m_slider->setValue(int(std::lround((value - m_range.least) / m_range.step)));
    showDifference();
}

void NumberSlider::showDifference() {
    m_dot->setVisible(std::abs(m_box->value() - m_range.standard) > 1e-9);
}

} // namespace lorikeet::ui
