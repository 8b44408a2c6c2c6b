// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/blocksize_allocation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>

namespace lorikeet {

namespace {

constexpr double kIndifference = 1e-9; ///< part of the error that is not worth a search
constexpr std::size_t kMostStates = 8192;

/// A choice that is better than every smaller one, by its place among the tensor's choices.
struct Point {
    int choice = 0;
    int64_t bytes = 0;
    double error = 0.0;
};

/// From one corner of a tensor's convex hull to the next larger one.
struct Step {
    int tensor = 0;
    int corner = 0; ///< the one that it leads to
    int64_t bytes = 0;
    double gain = 0.0;

    double gainPerByte() const { return gain / double(bytes); }
};

/// Ascending in bytes, descending in error.
std::vector<Point> frontierOf(const std::vector<StorageChoice>& choices) {
    std::vector<Point> sorted;
    for (std::size_t i = 0; i < choices.size(); ++i)
        sorted.push_back({int(i), choices[i].bytes, choices[i].error});
    std::ranges::stable_sort(sorted, [](const Point& a, const Point& b) {
        return a.bytes != b.bytes ? a.bytes < b.bytes : a.error < b.error;
    });
    std::vector<Point> frontier;
    for (const Point& point : sorted)
        if (frontier.empty() || point.error < frontier.back().error)
            frontier.push_back(point);
    return frontier;
}

double slope(const Point& from, const Point& to) {
    return (from.error - to.error) / double(to.bytes - from.bytes);
}

/// The points of a frontier between which the error falls ever more slowly.
std::vector<Point> hullOf(const std::vector<Point>& frontier) {
    std::vector<Point> hull;
    for (const Point& point : frontier) {
        while (hull.size() > 1 && slope(hull[hull.size() - 2], hull.back()) <= slope(hull.back(), point))
            hull.pop_back();
        hull.push_back(point);
    }
    return hull;
}

/// The least that some tensors could err with so many bytes, if a choice could be taken in part.
class Relaxation {
public:
    /// `steps` in the order of what a byte gains; those of tensors that `isIn` says.
    template <typename Predicate>
    Relaxation(std::span<const Step> steps, double errorOfSmallest, const Predicate& isIn) : m_error(errorOfSmallest) {
        for (const Step& step : steps)
            if (isIn(step.tensor)) {
                m_bytes.push_back(m_bytes.back() + step.bytes);
                m_gains.push_back(m_gains.back() + step.gain);
            }
    }

    /// `bytes` beyond those of the smallest choices.
    double operator()(int64_t bytes) const {
        const auto beyond = std::ranges::upper_bound(m_bytes, bytes);
        const auto taken = std::size_t(beyond - m_bytes.begin()) - 1;
        double gain = m_gains[taken];
        if (beyond != m_bytes.end())
            gain += (m_gains[taken + 1] - gain) * double(bytes - m_bytes[taken]) / double(*beyond - m_bytes[taken]);
        return m_error - gain;
    }

private:
    double m_error;
    std::vector<int64_t> m_bytes = {0};
    std::vector<double> m_gains = {0.0};
};

/// A combination of choices of the first tensors.
struct State {
    int64_t bytes = 0;
    double error = 0.0;
    int before = 0; ///< the state that it continues
    int choice = 0;
};

class Allocation {
public:
    Allocation(const std::vector<std::vector<StorageChoice>>& tensors, int64_t limit) : m_limit(limit) {
        for (const std::vector<StorageChoice>& choices : tensors) {
            assert(!choices.empty());
            m_frontiers.push_back(frontierOf(choices));
            m_hulls.push_back(hullOf(m_frontiers.back()));
        }
        for (std::size_t t = 0; t < m_hulls.size(); ++t)
            for (std::size_t i = 1; i < m_hulls[t].size(); ++i) {
                const Point &from = m_hulls[t][i - 1], &to = m_hulls[t][i];
                m_steps.push_back({int(t), int(i), to.bytes - from.bytes, from.error - to.error});
            }
        std::ranges::stable_sort(m_steps, std::ranges::greater(), &Step::gainPerByte);
    }

    std::vector<int> best() {
        int64_t smallest = 0;
        for (const std::vector<Point>& frontier : m_frontiers)
            smallest += frontier.front().bytes;
        if (smallest > m_limit)
            return {};
        climb(m_limit - smallest);
        search();
        return std::move(m_best);
    }

private:
    void climb(int64_t bytes);
    void search();
    std::vector<int> searchOrder() const;
    std::vector<State> continued(const std::vector<State>& states, int tensor, const Relaxation& rest,
                                 int64_t restBytes) const;
    void accept(const std::vector<std::vector<State>>& stages, const std::vector<int>& order);

    int64_t m_limit;
    std::vector<std::vector<Point>> m_frontiers, m_hulls; ///< by tensor
    std::vector<Step> m_steps;                            ///< what gains most by a byte first
    std::vector<int> m_best;                              ///< choices
    double m_bestError = std::numeric_limits<double>::infinity();
    double m_criticalGain = 0.0; ///< by a byte, of the first step that did not fit
};

/// Takes the steps that gain most while they fit, and of the others those that fit still.
void Allocation::climb(int64_t bytes) {
    std::vector<int> corners(m_hulls.size(), 0);
    for (const Step& step : m_steps) {
        if (step.bytes <= bytes && corners[std::size_t(step.tensor)] == step.corner - 1) {
            bytes -= step.bytes;
            corners[std::size_t(step.tensor)] = step.corner;
        } else if (m_criticalGain == 0.0) {
            m_criticalGain = step.gainPerByte();
        }
    }
    m_bestError = 0.0;
    for (std::size_t t = 0; t < m_hulls.size(); ++t) {
        const Point& point = m_hulls[t][std::size_t(corners[t])];
        m_best.push_back(point.choice);
        m_bestError += point.error;
    }
}

/// Tensors about whose choice there is least doubt first, so that few combinations are carried along.
std::vector<int> Allocation::searchOrder() const {
    std::vector<double> distance(m_hulls.size(), std::numeric_limits<double>::infinity());
    for (const Step& step : m_steps) {
        double& nearest = distance[std::size_t(step.tensor)];
        nearest = std::min(nearest, std::abs(std::log(step.gainPerByte() / m_criticalGain)));
    }
    std::vector<int> order(m_hulls.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::ranges::greater(), [&](int tensor) { return distance[std::size_t(tensor)]; });
    return order;
}

std::vector<State> Allocation::continued(const std::vector<State>& states, int tensor, const Relaxation& rest,
                                         int64_t restBytes) const {
    struct Bounded {
        State state;
        double bound;
    };
    std::vector<Bounded> next;
    const double worth = m_bestError * (1.0 - kIndifference);
    for (std::size_t i = 0; i < states.size(); ++i)
        for (const Point& point : m_frontiers[std::size_t(tensor)]) {
            const State state{states[i].bytes + point.bytes, states[i].error + point.error, int(i), point.choice};
            const int64_t left = m_limit - state.bytes - restBytes;
            if (left < 0)
                break;
            if (const double bound = state.error + rest(left); bound < worth)
                next.push_back({state, bound});
        }
    if (next.size() > kMostStates) {
        std::ranges::stable_sort(next, {}, &Bounded::bound);
        next.resize(kMostStates);
    }
    std::ranges::stable_sort(next, [](const Bounded& a, const Bounded& b) {
        return a.state.bytes != b.state.bytes ? a.state.bytes < b.state.bytes : a.state.error < b.state.error;
    });
    std::vector<State> kept;
    for (const Bounded& bounded : next)
        if (kept.empty() || bounded.state.error < kept.back().error)
            kept.push_back(bounded.state);
    return kept;
}

void Allocation::search() {
    if (m_criticalGain == 0.0)
        return; // everything is at its best
    const std::vector<int> order = searchOrder();
    std::vector<bool> isAhead(order.size(), true);
    int64_t restBytes = 0;
    double restError = 0.0;
    for (const std::vector<Point>& frontier : m_frontiers) {
        restBytes += frontier.front().bytes;
        restError += frontier.front().error;
    }
    std::vector<std::vector<State>> stages = {{State()}};
    for (const int tensor : order) {
        const Point& smallest = m_frontiers[std::size_t(tensor)].front();
        isAhead[std::size_t(tensor)] = false;
        restBytes -= smallest.bytes;
        restError -= smallest.error;
        const Relaxation rest(m_steps, restError, [&](int other) { return isAhead[std::size_t(other)]; });
        stages.push_back(continued(stages.back(), tensor, rest, restBytes));
        if (stages.back().empty())
            return;
    }
    accept(stages, order);
}

void Allocation::accept(const std::vector<std::vector<State>>& stages, const std::vector<int>& order) {
    // Descending in error, so the last is the best.
    const State* state = &stages.back().back();
    for (std::size_t stage = order.size(); stage > 0; --stage) {
        m_best[std::size_t(order[stage - 1])] = state->choice;
        state = &stages[stage - 1][std::size_t(state->before)];
    }
}

} // namespace

std::vector<int> allocateBytes(const std::vector<std::vector<StorageChoice>>& tensors, int64_t limit) {
    return Allocation(tensors, limit).best();
}

} // namespace lorikeet
