// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/cursor_group.h"

#include "ui/charts/plot.h"

namespace lorikeet::ui {

void CursorGroup::add(Plot* plot) {
    m_plots.append(plot);
    connect(plot, &Plot::cursorMoved, this, [this, plot](std::optional<double> x) {
        for (const QPointer<Plot>& other : m_plots)
            if (other && other != plot)
                other->setCursor(x);
    });
}

} // namespace lorikeet::ui
