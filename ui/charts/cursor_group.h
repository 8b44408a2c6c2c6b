// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <QPointer>

namespace lorikeet::ui {

class Plot;

/// Charts whose cursors move together; their x axes must measure the same.
class CursorGroup : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    void add(Plot* plot);

private:
    QList<QPointer<Plot>> m_plots;
};

} // namespace lorikeet::ui
