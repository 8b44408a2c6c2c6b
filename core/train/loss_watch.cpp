// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/loss_watch.h"

#include <algorithm>
#include <cmath>

namespace lorikeet {
namespace {

constexpr double kKept = 0.8;
constexpr double kFactorOfBest = 1.5;

} // namespace

LossWatch::LossWatch(int64_t vocabularySize) : m_evenGuess(std::log(double(std::max<int64_t>(vocabularySize, 2)))) {}

double LossWatch::smoothed() const {
    return m_steps > 0 ? m_sum / (1.0 - std::pow(kKept, double(m_steps))) : 0.0;
}

double LossWatch::bound() const {
    return std::max(m_evenGuess, kFactorOfBest * m_best);
}

void LossWatch::add(double loss) {
    m_sum = kKept * m_sum + (1.0 - kKept) * loss;
    m_steps += 1;
    m_best = m_steps == 1 ? smoothed() : std::min(m_best, smoothed());
}

void LossWatch::restore(const State& state) {
    m_sum = state.sum;
    m_best = state.best;
    m_steps = state.steps;
}

} // namespace lorikeet
