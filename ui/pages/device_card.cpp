// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/device_card.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/session/studio.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/share_bar.h"

namespace lorikeet::ui {
namespace {

constexpr int kLookInterval = 5000; // ms

} // namespace

DeviceCard::DeviceCard(Studio& studio, QWidget* parent)
    : Card(tr("Device"), parent), m_studio(studio), m_name(new ElidedLabel),
      m_kernels(makeLabel({}, LabelRole::Secondary)), m_bar(new ShareBar(tr("Memory in use"))),
      m_used(makeLabel({}, LabelRole::Secondary)), m_free(makeLabel({}, LabelRole::Secondary)) {
    m_name->setProperty("role", QStringLiteral("value"));
    m_kernels->setToolTip(tr("The instruction set that Lorikeet computes with; chosen by measuring"));
    auto* upper = new QHBoxLayout;
    upper->addWidget(m_name, 1);
    upper->addWidget(m_kernels);
    body()->addLayout(upper);
    body()->addWidget(m_bar);
    auto* lower = new QHBoxLayout;
    lower->addWidget(m_used);
    lower->addStretch(1);
    lower->addWidget(m_free);
    body()->addLayout(lower);
    body()->addStretch(1);
    m_name->setFullText(tr("Measuring…"));
    connect(&m_timer, &QTimer::timeout, this, &DeviceCard::look);
}

void DeviceCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    look();
    m_timer.start(kLookInterval);
}

void DeviceCard::hideEvent(QHideEvent* event) {
    Card::hideEvent(event);
    m_timer.stop();
}

void DeviceCard::look() {
    m_look = runInBackground(
        this, [workshop = m_studio.workshop()](std::stop_token) { return deviceFacts(*workshop); },
        [this](const DeviceFacts& facts) { show(facts); },
        [this](const Failure& why) { m_name->setFullText(why.message); });
}

void DeviceCard::show(const DeviceFacts& facts) {
    const QString device =
        facts.device == "cpu"
            ? tr("CPU, %1 cores, %2").arg(facts.cores).arg(formatMemory(facts.memory))
            : QStringLiteral("%1, %2").arg(QString::fromStdString(facts.device), formatMemory(facts.memory));
    m_name->setFullText(device);
    if (!facts.processor.empty())
        m_name->setToolTip(QString::fromStdString(facts.processor));
    m_kernels->setText(QString::fromStdString(facts.kernels));
    const double whole = double(std::max<int64_t>(facts.memory, 1));
    const QString used =
        tr("Lorikeet %1, others %2").arg(formatMemory(facts.memoryUsed), formatMemory(facts.memoryOthers));
    m_bar->setParts({{double(facts.memoryOthers) / whole, [] { return Theme::current().color(ColorToken::Disabled); }},
                     {double(facts.memoryUsed) / whole, [] { return Theme::current().color(ColorToken::Accent); }}},
                    used);
    m_used->setText(tr("Lorikeet %1").arg(formatMemory(facts.memoryUsed)));
    m_used->setToolTip(used);
    m_free->setText(tr("%1 free").arg(formatMemory(facts.memoryFree)));
}

} // namespace lorikeet::ui
