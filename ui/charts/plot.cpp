// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot.h"

#include <QApplication>
#include <QPainter>
#include <QPointer>

#include <algorithm>
#include <cmath>

#include "ui/charts/plot_canvas.h"

namespace lorikeet::ui {
namespace {

constexpr int kRefreshInterval = 100; // ms
constexpr double kFinestZoom = 1e-9;  // of the values

} // namespace

/// Charts that are to be drawn anew, one each turn of the event loop, so that what the user does comes between.
class Plot::RedrawQueue : public QObject {
public:
    static RedrawQueue& instance() {
        static QPointer<RedrawQueue> queue;
        if (!queue)
            queue = new RedrawQueue(qApp);
        return *queue;
    }

    void add(Plot* plot) {
        if (!m_plots.contains(plot))
            m_plots.append(plot);
        m_timer.start();
    }

private:
    explicit RedrawQueue(QObject* parent) : QObject(parent) {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            const QPointer<Plot> plot = m_plots.takeFirst();
            if (!m_plots.isEmpty())
                m_timer.start();
            if (plot)
                plot->redraw();
        });
    }

    QList<QPointer<Plot>> m_plots;
    QTimer m_timer; ///< of no time
};

Plot::Plot(const QString& name, QWidget* parent) : ChartView(name, parent), m_canvas(std::make_unique<PlotCanvas>()) {
    m_refreshTimer.setSingleShot(true);
    m_refreshTimer.setInterval(kRefreshInterval);
    connect(&m_refreshTimer, &QTimer::timeout, this, [this] { RedrawQueue::instance().add(this); });
    m_chooseTimer.setSingleShot(true);
    connect(&m_chooseTimer, &QTimer::timeout, this, [this] { emit chosen(m_choice); });
    m_fitTimer.setSingleShot(true);
    connect(&m_fitTimer, &QTimer::timeout, this, &Plot::invalidate);
}

Plot::~Plot() = default;

QSize Plot::sizeHint() const {
    return {480, 240};
}

QSize Plot::minimumSizeHint() const {
    return {160, 80};
}

void Plot::setXAxis(AxisKind kind, const QString& name, XEnd end) {
    m_xKind = kind;
    m_xName = name;
    m_xEnd = end;
    m_zoomX.reset();
    m_zoomY.reset();
    m_cursor.reset();
    fitAxes();
}

void Plot::setYAxis(AxisKind kind, YFit fit) {
    m_yKind = kind;
    m_yFit = fit;
    fitAxes();
}

void Plot::setLogarithmic(bool isLogarithmic) {
    m_isLogarithmic = isLogarithmic;
    m_zoomY.reset();
    fitAxes();
}

void Plot::setReferenceLines(std::vector<ReferenceLine> lines) {
    m_references = std::move(lines);
    scheduleRefresh();
}

void Plot::setVerticalMarks(std::vector<VerticalMark> marks) {
    m_marks = std::move(marks);
    scheduleRefresh();
}

void Plot::setCursorNote(std::function<QString(double)> note) {
    m_note = std::move(note);
    update();
}

void Plot::setCursorBox(CursorOrder order, bool showsLines) {
    m_order = order;
    m_showsLines = showsLines;
    update();
}

void Plot::setPlannedX(double x) {
    if (x == m_plannedX)
        return;
    m_plannedX = x;
    scheduleRefresh();
}

void Plot::fitAxes() {
    m_fitsNow = true;
    scheduleRefresh();
}

void Plot::scheduleRefresh() {
    if (!m_refreshTimer.isActive())
        m_refreshTimer.start();
}

void Plot::redraw() {
    invalidate();
    if (isVisible())
        frame(); // now, so that painting the window only copies
    emit refreshed();
}

void Plot::invalidate() {
    m_isStale = true;
    update();
}

void Plot::setCursor(std::optional<double> x) {
    m_cursor = x ? snap(*x) : x;
    if (!m_cursor)
        scheduleRefresh(); // the axis may be fitted again
    update();
}

std::vector<CursorReading> Plot::sortedReadings(double x) const {
    std::vector<CursorReading> sorted = readings(x);
    if (m_order != CursorOrder::AsDrawn)
        std::stable_sort(sorted.begin(), sorted.end(), [this](const CursorReading& a, const CursorReading& b) {
            return m_order == CursorOrder::LowestFirst ? a.value < b.value : a.value > b.value;
        });
    return sorted;
}

void Plot::zoomTo(AxisRange x, std::optional<AxisRange> y) {
    // Nearer, numbers have no digits left that would tell two points apart.
    const auto canBeSeen = [](AxisRange range) {
        return range.span() > kFinestZoom * std::max(std::abs(range.low), std::abs(range.high));
    };
    if (!canBeSeen(x) || (y && !canBeSeen(*y)))
        return;
    m_zoomX = x;
    m_zoomY = y;
    invalidate();
}

void Plot::resetZoom() {
    m_zoomX.reset();
    m_zoomY.reset();
    invalidate();
}

AxisRange Plot::fittedX(int count) const {
    const std::optional<AxisRange> reach = xReach();
    const double last = reach ? reach->high : 0.0;
    if (m_xEnd == XEnd::NextHundred)
        return {0.0, std::min(nextHundred(last), std::max(m_plannedX, last))};
    if (!reach || last <= 0.0)
        return {0.0, 1.0};
    const double first = std::min(0.0, reach->low);
    return m_xEnd == XEnd::LastValue ? AxisRange{first, last} : niceRange({first, last}, m_xKind, count);
}

AxisRange Plot::fittedY(int count) {
    std::optional<AxisRange> reach = yReach(m_zoomX, m_isLogarithmic);
    for (const ReferenceLine& line : m_references)
        if (line.widensAxis && !(m_isLogarithmic && line.value <= 0.0))
            reach = reach ? AxisRange{std::min(reach->low, line.value), std::max(reach->high, line.value)}
                          : AxisRange{line.value, line.value};
    if (!reach)
        return m_isLogarithmic ? AxisRange{0.1, 1.0} : AxisRange{0.0, 1.0};
    if (m_isLogarithmic)
        return niceLogRange(*reach);
    if (m_yFit == YFit::FromZero)
        reach->low = std::min(0.0, reach->low);
    return niceRange(*reach, m_yKind, count);
}

void Plot::updateRanges(const QSizeF& size) {
    const int xCount = xIntervals(size.width()), yCount = yIntervals(size.height());
    m_x = m_zoomX ? *m_zoomX : fittedX(xCount);
    if (m_zoomX) {
        m_y = m_zoomY ? *m_zoomY : fittedY(yCount);
        return;
    }
    if (m_fitsNow || !m_homeY || m_sinceFit.hasExpired(m_fitInterval)) {
        const bool hasData = yReach({}, m_isLogarithmic).has_value();
        AxisRange fitted = fittedY(yCount);
        if (isHeld() && m_homeY && !m_fitsNow)
            fitted = {std::min(fitted.low, m_homeY->low), std::max(fitted.high, m_homeY->high)};
        if (fitted != m_homeY)
            m_sinceFit.start();
        m_homeY = fitted;
        // What is fitted without data holds for nobody.
        m_fitsNow = !hasData;
        m_fitTimer.stop();
    } else if (!m_fitTimer.isActive()) {
        m_fitTimer.start(std::max<int>(kRefreshInterval, m_fitInterval - int(m_sinceFit.elapsed()) + 1));
    }
    m_y = *m_homeY;
}

const PlotFrame& Plot::frame() {
    const QSize pixels = size() * devicePixelRatioF();
    if (m_isStale || m_picture.size() != pixels) {
        m_isStale = false;
        m_picture = picture(size(), devicePixelRatioF());
    }
    return m_frame;
}

void Plot::draw(QPainter& painter, const QSize& size) {
    const PlotAxes axes = {m_xKind, m_yKind, m_isLogarithmic};
    updateRanges(makePlotFrame(size, m_x, m_y, axes).area.size());
    const PlotFrame frame = makePlotFrame(size, m_x, m_y, axes);
    paintPlot(painter, frame);
    if (size == this->size())
        m_frame = frame;
}

} // namespace lorikeet::ui
