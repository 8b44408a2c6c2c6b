// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

class QWidget;

namespace lorikeet::ui {

/// Lets files and folders of this machine be dropped on a widget, which it belongs to.
class FileDrop : public QObject {
    Q_OBJECT
public:
    explicit FileDrop(QWidget* target);

signals:
    void dropped(const QStringList& paths);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace lorikeet::ui
