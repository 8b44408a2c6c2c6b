// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curve_points.h"

#include <algorithm>
#include <cmath>

namespace lorikeet::ui {
namespace {

constexpr size_t kBlock = 32; // about as many as a pixel has where there are very many

bool isLeftOf(const QPointF& point, double x) {
    return point.x() < x;
}

bool isShown(double y, bool onlyPositive) {
    return std::isfinite(y) && (!onlyPositive || y > 0.0);
}

/// Takes points in their order and puts the lowest and the highest of each column into pieces.
class Columns {
public:
    Columns(AxisRange x, int columns) : m_low(x.low), m_scale(x.span() > 0.0 ? columns / x.span() : 0.0) {}

    double columnOf(const QPointF& point) const { return std::floor((point.x() - m_low) * m_scale); }

    void add(const QPointF& point) {
        const double column = columnOf(point);
        if (m_hasPoint && column == m_column) {
            if (point.y() < m_lowest.y())
                m_lowest = point;
            if (point.y() > m_highest.y())
                m_highest = point;
        } else {
            flush();
            if (m_hasGap)
                m_pieces.emplace_back();
            m_column = column;
            m_lowest = m_highest = point;
            m_hasPoint = true;
        }
        m_hasGap = false;
    }

    void addGap() { m_hasGap = true; }

    std::vector<Polyline> take() {
        flush();
        std::erase_if(m_pieces, [](const Polyline& piece) { return piece.isEmpty(); });
        return std::move(m_pieces);
    }

private:
    void flush() {
        if (!m_hasPoint)
            return;
        if (m_pieces.empty())
            m_pieces.emplace_back();
        const bool isFalling = m_highest.x() < m_lowest.x();
        m_pieces.back().append(isFalling ? m_highest : m_lowest);
        if (m_highest != m_lowest)
            m_pieces.back().append(isFalling ? m_lowest : m_highest);
        m_hasPoint = false;
    }

    double m_low, m_scale;
    double m_column = 0.0;
    QPointF m_lowest, m_highest;
    bool m_hasPoint = false, m_hasGap = false;
    std::vector<Polyline> m_pieces;
};

} // namespace

void CurvePoints::append(std::span<const QPointF> points) {
    if (m_points.empty())
        m_points.reserve(points.size()); // later it grows by more than what is added
    for (const QPointF& point : points) {
        if (!std::isfinite(point.x()) || (!m_points.empty() && point.x() <= m_points.back().x()))
            continue;
        m_points.push_back(point);
        noteLast();
    }
}

void CurvePoints::noteLast() {
    const size_t place = m_points.size() - 1;
    const double y = m_points.back().y();
    if (place % kBlock == 0)
        m_blocks.push_back({place, place, true});
    Block& block = m_blocks.back();
    if (!std::isfinite(y))
        block.isWhole = false;
    else if (y < m_points[block.lowest].y())
        block.lowest = place;
    else if (y > m_points[block.highest].y())
        block.highest = place;
}

void CurvePoints::clear() {
    m_points.clear();
    m_blocks.clear();
}

std::optional<AxisRange> CurvePoints::reach() const {
    return isEmpty() ? std::nullopt : std::optional(AxisRange{m_points.front().x(), m_points.back().x()});
}

std::pair<size_t, size_t> CurvePoints::within(AxisRange x) const {
    const auto first = std::lower_bound(m_points.begin(), m_points.end(), x.low, isLeftOf);
    const auto last = std::upper_bound(first, m_points.end(), x.high,
                                       [](double value, const QPointF& point) { return value < point.x(); });
    return {size_t(first - m_points.begin()), size_t(last - m_points.begin())};
}

const CurvePoints::Block* CurvePoints::wholeBlock(size_t place, size_t last, bool onlyPositive) const {
    if (place % kBlock != 0 || place + kBlock > last)
        return nullptr;
    const Block& block = m_blocks[place / kBlock];
    return block.isWhole && (!onlyPositive || m_points[block.lowest].y() > 0.0) ? &block : nullptr;
}

std::optional<AxisRange> CurvePoints::range(std::optional<AxisRange> x, bool onlyPositive) const {
    const auto [first, last] = x ? within(*x) : std::pair(size_t(0), m_points.size());
    std::optional<AxisRange> range;
    const auto add = [&range](double low, double high) {
        range = range ? AxisRange{std::min(range->low, low), std::max(range->high, high)} : AxisRange{low, high};
    };
    for (size_t place = first; place < last;) {
        if (const Block* block = wholeBlock(place, last, onlyPositive)) {
            add(m_points[block->lowest].y(), m_points[block->highest].y());
            place += kBlock;
            continue;
        }
        if (const double y = m_points[place].y(); isShown(y, onlyPositive))
            add(y, y);
        ++place;
    }
    return range;
}

std::vector<Polyline> CurvePoints::decimated(AxisRange x, int columns, bool onlyPositive) const {
    auto [first, last] = within(x);
    first -= first > 0;
    last += last < m_points.size();
    Columns result(x, std::max(columns, 1));
    for (size_t place = first; place < last;) {
        const Block* block = wholeBlock(place, last, onlyPositive);
        if (block && result.columnOf(m_points[place]) == result.columnOf(m_points[place + kBlock - 1])) {
            result.add(m_points[std::min(block->lowest, block->highest)]);
            result.add(m_points[std::max(block->lowest, block->highest)]);
            place += kBlock;
            continue;
        }
        if (isShown(m_points[place].y(), onlyPositive))
            result.add(m_points[place]);
        else
            result.addGap();
        ++place;
    }
    return result.take();
}

qsizetype nearestPoint(std::span<const QPointF> points, double x) {
    const auto isFinite = [&points](qsizetype i) { return std::isfinite(points[size_t(i)].y()); };
    const auto count = qsizetype(points.size());
    qsizetype right = std::lower_bound(points.begin(), points.end(), x, isLeftOf) - points.begin();
    qsizetype left = right - 1;
    while (right < count && !isFinite(right))
        ++right;
    while (left >= 0 && !isFinite(left))
        --left;
    if (right >= count)
        return left;
    if (left < 0)
        return right;
    return x - points[size_t(left)].x() <= points[size_t(right)].x() - x ? left : right;
}

qsizetype pointFurtherOn(std::span<const QPointF> points, qsizetype from, int count) {
    const int direction = count < 0 ? -1 : 1;
    qsizetype reached = from;
    for (qsizetype at = from + direction; count != 0 && at >= 0 && at < qsizetype(points.size()); at += direction)
        if (std::isfinite(points[size_t(at)].y())) {
            reached = at;
            count -= direction;
        }
    return reached;
}

} // namespace lorikeet::ui
