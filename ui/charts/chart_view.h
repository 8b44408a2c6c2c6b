// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>

#include "ui/charts/chart_table.h"

namespace lorikeet::ui {

/// What every chart offers besides its picture on the screen.
class ChartView {
public:
    virtual ~ChartView() = default;

    /// What is shown, in exact numbers.
    virtual ChartTable table() const = 0;
    /// The chart, `size` pixels at `ratio` device pixels each.
    virtual QPixmap picture(const QSize& size, qreal ratio) = 0;
};

} // namespace lorikeet::ui
