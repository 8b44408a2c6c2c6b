// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QTimer>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "ui/charts/chart_view.h"
#include "ui/charts/line_style.h"
#include "ui/charts/plot_frame.h"

namespace lorikeet::ui {

class PlotCanvas;

/// A horizontal line across a chart: a limit, an estimate.
struct ReferenceLine {
    double value = 0.0;
    QString label;
    bool widensAxis = true; ///< the axis reaches it
};

/// A vertical line: where something began.
struct VerticalMark {
    double x = 0.0;
    QString label;
};

/// What one series tells where the cursor stands.
struct CursorReading {
    QString name;
    double value = 0.0;
    LineStyle style;
    bool hasDot = false; ///< a dot stands at the value
};

/// The ground of charts over an x axis: axes, grid, zoom, cursor, reference lines, in the look of all charts. It is
/// drawn anew at most ten times a second. The x axis starts at 0 and its end stands still until the data pass it; the y
/// axis is fitted to the data at most every 5 s, and only grows while a cursor is in the chart. Drag zooms, a double
/// click or Escape shows all again; the cursor follows the mouse and the arrow keys (Shift: by ten), Home, End; + and -
/// zoom around it. GUI thread.
class Plot : public ChartView {
    Q_OBJECT
public:
    enum class XEnd { NextHundred, NextTick, LastValue };
    enum class CursorOrder { HighestFirst, LowestFirst, AsDrawn };
    /// MostOf leaves out the few values that are far above all others, as those of a loss curve's first steps; Settled
    /// as many as a tenth of all, so that curves are told apart where they have come to rest.
    enum class YFit { All, FromZero, MostOf, Settled };

    explicit Plot(const QString& name, QWidget* parent = nullptr);
    ~Plot() override;

    /// `name` stands in front of the cursor's x: "Step".
    void setXAxis(AxisKind kind, const QString& name, XEnd end = XEnd::NextTick);
    /// Where the data will end: an axis that ends at the next hundred does not go beyond.
    void setPlannedX(double x);
    void setYAxis(AxisKind kind, YFit fit = YFit::All);
    void setLogarithmic(bool isLogarithmic);
    bool isLogarithmic() const { return m_isLogarithmic; }
    void setReferenceLines(std::vector<ReferenceLine> lines);
    void setVerticalMarks(std::vector<VerticalMark> marks);
    /// Text beside the cursor's x, such as the tokens up to it.
    void setCursorNote(std::function<QString(double x)> note);
    /// The order of the cursor's readings, and whether each shows its line.
    void setCursorBox(CursorOrder order, bool showsLines);
    /// Milliseconds between fits of the y axis.
    void setFitInterval(int milliseconds) { m_fitInterval = milliseconds; }
    /// Fits both axes to the data at the next refresh, whatever the rules say; for when other data are shown.
    void fitAxes();

    std::optional<double> cursor() const { return m_cursor; }
    /// Moves the cursor as another chart's moves; does not emit.
    void setCursor(std::optional<double> x);
    /// The readings at `x`, in the order in which the cursor shows them.
    std::vector<CursorReading> sortedReadings(double x) const;
    bool isZoomed() const { return m_zoomX.has_value(); }
    void zoomTo(AxisRange x, std::optional<AxisRange> y = {});
    void resetZoom();
    /// As it is drawn now; drawn where it was not yet.
    const PlotFrame& frame();

    AxisKind xKind() const { return m_xKind; }
    AxisKind yKind() const { return m_yKind; }
    const QString& xName() const { return m_xName; }
    /// The share of the values that the y axis reaches at least.
    double fittedShare() const { return m_yFit == YFit::MostOf ? 0.98 : m_yFit == YFit::Settled ? 0.9 : 1.0; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    /// The user moved the cursor, or took it away.
    void cursorMoved(std::optional<double> x);
    /// The user clicked where the data have this x, or pressed Return there. A double click is none.
    void chosen(double x);

protected:
    /// Draws anew soon, together with what else changes within a tenth of a second.
    void scheduleRefresh();

    /// What the data reach; nothing where there are none. The y axis is fitted to those within `x`, where it is given.
    virtual std::optional<AxisRange> xReach() const = 0;
    virtual std::optional<AxisRange> yReach(std::optional<AxisRange> x, bool onlyPositive) const = 0;
    virtual void fill(PlotCanvas& canvas, const PlotFrame& frame) = 0;
    /// What stands above the lines: rings, labels of points.
    virtual void paintMarks(QPainter& painter, const PlotFrame& frame) = 0;
    virtual std::vector<CursorReading> readings(double x) const = 0;
    /// The x of the data that is nearest.
    virtual std::optional<double> snap(double x) const = 0;
    /// The x of the data that is `count` points further.
    virtual std::optional<double> step(double x, int count) const = 0;
    /// A click that was no drag.
    virtual void click(const QPointF& position, const PlotFrame& frame) = 0;

    void draw(QPainter& painter, const QSize& size) override;
    void restyle() override { invalidate(); }
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    class RedrawQueue;
    /// The turn of this chart to take in what has changed.
    void redraw();
    /// Draws anew at the next paint.
    void invalidate();
    bool isHeld() const { return m_hasMouse || m_cursor; }
    void updateRanges(const QSizeF& size);
    AxisRange fittedX(int intervals) const;
    AxisRange fittedY(int intervals);
    void paintPlot(QPainter& painter, const PlotFrame& frame);
    void paintReferences(QPainter& painter, const PlotFrame& frame) const;
    void paintCursor(QPainter& painter) const;
    void paintCursorBox(QPainter& painter, double x, const std::vector<CursorReading>& readings) const;
    void moveCursor(std::optional<double> x);
    bool moveByKey(int key, int stride);
    void zoomByKey(double factor);
    void clickOnce(const QPointF& position);
    void zoomToDrag(const QPointF& end);

    AxisKind m_xKind = AxisKind::Count, m_yKind = AxisKind::Number;
    XEnd m_xEnd = XEnd::NextTick;
    double m_plannedX = std::numeric_limits<double>::infinity();
    YFit m_yFit = YFit::All;
    QString m_xName;
    bool m_isLogarithmic = false;
    std::vector<ReferenceLine> m_references;
    std::vector<VerticalMark> m_marks;
    std::function<QString(double)> m_note;
    CursorOrder m_order = CursorOrder::HighestFirst;
    bool m_showsLines = false;

    std::unique_ptr<PlotCanvas> m_canvas;
    QTimer m_refreshTimer;
    QTimer m_fitTimer;
    QTimer m_chooseTimer; ///< runs while a click may become a double click
    double m_choice = 0.0;
    int m_fitInterval = 5000;
    QElapsedTimer m_sinceFit;
    std::optional<AxisRange> m_homeY; ///< held between fits
    bool m_fitsNow = true;
    AxisRange m_x, m_y;
    std::optional<AxisRange> m_zoomX, m_zoomY;
    PlotFrame m_frame;
    QPixmap m_picture;
    bool m_isStale = true;

    std::optional<double> m_cursor;
    bool m_hasMouse = false;
    std::optional<QPointF> m_press, m_drag;
};

} // namespace lorikeet::ui
