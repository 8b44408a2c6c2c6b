// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_memory_card.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <QGridLayout>
#include <QLabel>

#include "ui/charts/line_style.h"
#include "ui/charts/stacked_chart.h"
#include "ui/theme/scale.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kTableWidth = 304;

int64_t totalOf(const NamedBytes& bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), int64_t(0),
                           [](int64_t sum, const auto& entry) { return sum + entry.second; });
}

int64_t bytesOf(const NamedBytes& bytes, const QString& tag) {
    const auto at = bytes.find(tag.toStdString());
    return at == bytes.end() ? 0 : at->second;
}

QLabel* figure(LabelRole role) {
    QLabel* label = makeLabel({}, role);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    label->setFont(Theme::withTabularFigures(label->font()));
    return label;
}

void showFigure(QLabel* label, int64_t bytes) {
    label->setText(bytes > 0 ? formatMemory(bytes) : QStringLiteral("–"));
    label->setAccessibleDescription(label->text()); // its name says what it is a figure of
}

} // namespace

RunMemoryCard::RunMemoryCard(QWidget* parent)
    : RunMemoryCard(new StackedChart(tr("Memory by tag over time"), memoryTagOrder()), parent) {}

RunMemoryCard::RunMemoryCard(StackedChart* chart, QWidget* parent)
    : ChartCard(tr("Memory"), chart, parent), m_chart(chart) {
    m_chart->setXAxis(AxisKind::Duration, tr("Time"));
    m_chart->setYAxis(AxisKind::Memory, Plot::YFit::FromZero);
    setSide(makeTable());
}

QWidget* RunMemoryCard::makeTable() {
    auto* box = new QWidget;
    box->setFixedWidth(scaled(kTableWidth));
    box->setAccessibleName(tr("Memory by tag in figures"));
    auto* table = new QGridLayout(box);
    table->setContentsMargins(metrics::kGrid, 0, 0, 0);
    table->setHorizontalSpacing(metrics::kGrid);
    table->setVerticalSpacing(metrics::kInside);
    table->setColumnStretch(1, 1);
    int column = 2;
    for (const QString& title : {tr("Now"), tr("At peak"), tr("Estimate")}) {
        QLabel* label = makeLabel(title, LabelRole::Secondary);
        label->setAlignment(Qt::AlignRight);
        table->addWidget(label, 0, column++);
    }
    const QList<QString>& tags = memoryTagOrder();
    for (auto tag = tags.rbegin(); tag != tags.rend(); ++tag) // as they are stacked
        m_rows.insert(*tag, addRow(*table, memoryTagTitle(*tag), *tag));
    table->addWidget(makeHairline(), table->rowCount(), 0, 1, 5);
    m_rows.insert({}, addRow(*table, tr("Total"), {}));
    table->setRowStretch(table->rowCount(), 1);
    return box;
}

RunMemoryCard::Row RunMemoryCard::addRow(QGridLayout& table, const QString& title, const QString& tag) {
    const int row = table.rowCount();
    const LabelRole role = tag.isEmpty() ? LabelRole::Value : LabelRole::Secondary;
    Row cells{figure(role), figure(role), figure(LabelRole::Secondary), {}};
    if (!tag.isEmpty()) {
        LineStyle square;
        square.memoryTag = tag;
        auto* sample = new LineSample(square);
        table.addWidget(sample, row, 0);
        cells.widgets.append(sample);
    }
    QLabel* name = makeLabel(title, role);
    table.addWidget(name, row, 1);
    int column = 2;
    for (QLabel* label : {cells.now, cells.peak, cells.estimate}) {
        label->setAccessibleName(title);
        table.addWidget(label, row, column++);
    }
    cells.widgets << name << cells.now << cells.peak << cells.estimate;
    return cells;
}

void RunMemoryCard::follow(const RunHistory& history, bool startsAnew) {
    if (startsAnew || history.memory.size() < m_shownMoments) {
        m_chart->clear();
        m_shownMoments = 0;
        m_peakTotal = 0;
        m_peak.clear();
    }
    const bool isFirst = m_shownMoments == 0;
    addMoments(history);
    const int64_t estimate = totalOf(history.record.estimate);
    if (isFirst && estimate > 0)
        m_chart->setReferenceLines({{double(estimate), tr("Estimate %1").arg(formatMemory(estimate)), true}});
    if (isFirst)
        m_chart->fitAxes();
    showFigures(history);
}

void RunMemoryCard::addMoments(const RunHistory& history) {
    std::vector<StackSample> samples;
    auto metrics = history.metrics.begin();
    for (; m_shownMoments < history.memory.size(); ++m_shownMoments) {
        const StepMemory& moment = history.memory[m_shownMoments];
        metrics = std::lower_bound(metrics, history.metrics.end(), moment.step,
                                   [](const StepMetrics& step, int64_t wanted) { return step.step < wanted; });
        if (metrics == history.metrics.end())
            break;
        if (const int64_t total = totalOf(moment.bytes); total > m_peakTotal) {
            m_peakTotal = total;
            m_peak = moment.bytes;
        }
        if (!std::isfinite(metrics->seconds))
            continue;
        StackSample sample{metrics->seconds, {}};
        for (const QString& tag : memoryTagOrder())
            sample.values.push_back(double(bytesOf(moment.bytes, tag)));
        samples.push_back(std::move(sample));
    }
    m_chart->append(samples);
}

void RunMemoryCard::showFigures(const RunHistory& history) {
    const NamedBytes& now = history.memory.empty() ? NamedBytes() : history.memory.back().bytes;
    const NamedBytes& peak = history.record.peak.empty() ? m_peak : history.record.peak;
    const NamedBytes& estimate = history.record.estimate;
    for (auto row = m_rows.begin(); row != m_rows.end(); ++row) {
        const bool isTotal = row.key().isEmpty();
        const auto bytes = [&](const NamedBytes& of) { return isTotal ? totalOf(of) : bytesOf(of, row.key()); };
        showFigure(row->now, bytes(now));
        showFigure(row->peak, bytes(peak));
        showFigure(row->estimate, bytes(estimate));
        const bool isUsed = isTotal || bytes(now) > 0 || bytes(peak) > 0 || bytes(estimate) > 0;
        for (QWidget* widget : qAsConst(row->widgets))
            widget->setVisible(isUsed);
    }
    const int64_t difference = totalOf(estimate) - totalOf(peak);
    if (totalOf(peak) > 0 && totalOf(estimate) > 0)
        setNote(difference >= 0
                    ? tr("peak %1, %2 under the estimate").arg(formatMemory(totalOf(peak)), formatMemory(difference))
                    : tr("peak %1, %2 over the estimate").arg(formatMemory(totalOf(peak)), formatMemory(-difference)));
}

} // namespace lorikeet::ui
