// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/decimate.h"

#include <algorithm>
#include <cmath>

namespace lorikeet::ui {
namespace {

bool isLeftOf(const QPointF& point, double x) {
    return point.x() < x;
}

/// Takes points one by one and puts the lowest and the highest of each column into pieces.
class Columns {
public:
    Columns(AxisRange x, int columns) : m_low(x.low), m_scale(x.span() > 0.0 ? columns / x.span() : 0.0) {}

    void add(const QPointF& point) {
        const double column = std::floor((point.x() - m_low) * m_scale);
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

std::vector<Polyline> decimate(std::span<const QPointF> points, AxisRange x, int columns, bool onlyPositive) {
    auto first = std::lower_bound(points.begin(), points.end(), x.low, isLeftOf);
    if (first != points.begin())
        --first;
    Columns result(x, std::max(columns, 1));
    for (auto point = first; point != points.end(); ++point) {
        if (!std::isfinite(point->y()) || (onlyPositive && point->y() <= 0.0))
            result.addGap();
        else
            result.add(*point);
        if (point->x() > x.high)
            break;
    }
    return result.take();
}

std::span<const QPointF> within(std::span<const QPointF> points, AxisRange x) {
    const auto first = std::lower_bound(points.begin(), points.end(), x.low, isLeftOf);
    const auto last = std::upper_bound(first, points.end(), x.high,
                                       [](double value, const QPointF& point) { return value < point.x(); });
    return {first, last};
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

} // namespace lorikeet::ui
