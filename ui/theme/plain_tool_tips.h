// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace lorikeet::ui {

/// Has every tool tip of the application shown letter for letter: names, paths and prompts stand in them, and Qt takes
/// for formatted text what looks like it. GUI thread.
class PlainToolTips : public QObject {
    Q_OBJECT
public:
    explicit PlainToolTips(QObject* parent = nullptr);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace lorikeet::ui
