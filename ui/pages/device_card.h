// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include "core/jobs/device_facts.h"
#include "ui/session/background.h"
#include "ui/widgets/card.h"

class QLabel;

namespace lorikeet::ui {

class ElidedLabel;
class ShareBar;
class Studio;

/// What computes here and how much of its memory is free, looked at every few seconds while it is seen.
class DeviceCard : public Card {
    Q_OBJECT
public:
    explicit DeviceCard(Studio& studio, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void look();
    void show(const DeviceFacts& facts);

    Studio& m_studio;
    BackgroundTask m_look;
    QTimer m_timer;
    ElidedLabel* m_name;
    QLabel* m_kernels;
    ShareBar* m_bar;
    QLabel* m_used;
    QLabel* m_free;
};

} // namespace lorikeet::ui
