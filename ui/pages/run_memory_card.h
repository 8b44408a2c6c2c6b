// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>

#include "ui/charts/chart_card.h"
#include "ui/session/run_feed.h"

class QGridLayout;
class QLabel;

namespace lorikeet::ui {

class StackedChart;

/// Memory by tag over time, with the estimate as a line; beside it the tags in figures: now, at the peak (all tags at
/// the moment of the highest total, so they add up), estimated.
class RunMemoryCard : public ChartCard {
    Q_OBJECT
public:
    explicit RunMemoryCard(QWidget* parent = nullptr);
    void follow(const RunHistory& history, bool startsAnew);

private:
    RunMemoryCard(StackedChart* chart, QWidget* parent);

    struct Row {
        QLabel *now, *peak, *estimate;
        QList<QWidget*> widgets;
    };

    QWidget* makeTable();
    Row addRow(QGridLayout& table, const QString& title, const QString& tag);
    void addMoments(const RunHistory& history);
    void showFigures(const RunHistory& history);

    StackedChart* m_chart;
    QHash<QString, Row> m_rows; ///< by tag; "" is the total
    size_t m_shownMoments = 0;
    NamedBytes m_peak;
    int64_t m_peakTotal = 0;
};

} // namespace lorikeet::ui
