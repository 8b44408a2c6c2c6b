// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace lorikeet {

/// Tells a run that has diverged from one that is merely noisy, by its losses alone.
///
/// The losses are smoothed exponentially (0.8 of the old, 0.2 of the new one, corrected for the beginning as Adam's
/// moments are). A run has diverged where the smoothed loss is above ln(vocabulary), so that guessing evenly among all
/// tokens would do better, and above one and a half times the lowest that it has been. A run that begins above
/// ln(vocabulary), as on text that the model is sure to be wrong about, has only the second bound.
class LossWatch {
public:
    LossWatch() = default;
    explicit LossWatch(int64_t vocabularySize);

    /// Takes the loss of the next step, which is finite.
    void add(double loss);
    /// Not before kLeastSteps: one bad row at the beginning weighs too much.
    bool hasDiverged() const { return m_steps >= kLeastSteps && smoothed() > bound(); }
    /// Whether this loss alone is beyond the bound: one that a run should not be saved at.
    bool isBeyond(double loss) const { return m_steps > 0 && loss > bound(); }

    double smoothed() const;
    double best() const { return m_best; }
    double bound() const;

    /// What a checkpoint keeps.
    struct State {
        double sum = 0.0;  ///< the smoothed loss before the correction
        double best = 0.0; ///< lowest smoothed loss
        int64_t steps = 0;

        bool operator==(const State&) const = default;
    };
    State state() const { return {m_sum, m_best, m_steps}; }
    void restore(const State& state);

private:
    static constexpr int64_t kLeastSteps = 5;

    double m_evenGuess = 0.0; ///< ln(vocabulary)
    double m_sum = 0.0;
    double m_best = 0.0;
    int64_t m_steps = 0;
};

} // namespace lorikeet
