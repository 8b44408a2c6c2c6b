// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet {

struct TrainingConfig;

/// What a run's warnings remember of its history: a checkpoint keeps it, so that a resumed run warns as one that was
/// left alone.
struct RunWatchState {
    int64_t steps = 0;
    double lossSum = 0.0;      ///< smoothed loss, before the correction for the beginning
    double varianceSum = 0.0;  ///< smoothed square of what a loss is off the smoothed one; the same
    double clippedSum = 0.0;   ///< smoothed share of steps that were clipped hard; the same
    double slowSum = 0.0;      ///< as lossSum, smoothed more
    double startSum = 0.0;     ///< of the first few losses
    double bestLoss = 0.0;     ///< lowest slow average from step kFirstJudged on
    double noiseAtBest = 0.0;  ///< standard deviation of a step's loss then
    int64_t stepsAbove = 0;    ///< in a row, far above bestLoss or the start
    double blockSum = 0.0;     ///< losses of the block under way
    std::vector<double> means; ///< loss of each block of steps

    std::optional<double> bestEvaluation;
    double lossAtBestEvaluation = 0.0; ///< smoothed training loss then
    int64_t evaluationsAbove = 0;      ///< in a row

    bool isToldDiverging = false, isToldOverfitting = false, isToldNothingLearned = false, isToldClipped = false;

    bool operator==(const RunWatchState&) const = default;
};

/// For a checkpoint's state.json.
nlohmann::ordered_json watchToJson(const RunWatchState& state);
/// Throws as readValue() of state_json.h. What a version wrote that watched by other averages is of no use: the watch
/// begins anew then.
RunWatchState watchFromJson(const nlohmann::json& json);

/// Takes the next step, with finite values, and returns the warnings that it gives cause for, in plain words; each
/// comes once in a run. The thresholds keep quiet on healthy runs however noisy their losses are, and however long:
/// - diverging: for 10 steps the loss, smoothed over about 30 steps, has been above its best by a fifth and by the
/// noise
///   of one step, or above that of the first five steps by a half and by one and a half of that noise. The best is the
///   lowest average of about 100 steps: that of fewer would sink with chance in a long run;
/// - nothing learned: after three or more blocks of 50 steps and the warm-up, the later half of them is no lower than
///   the first by half a percent, nor than the first five steps by four, and noise alone would not hide eight percent
///   (nor has it been told to diverge). Where the later half is higher by eight percent and four times its error, it
///   says that the loss has risen. Runs of fewer than 150 steps are told neither;
/// - clipped: the gradient norm was ten times max_grad_norm in nearly all of some 100 steps. Plain clipping is no
///   cause: with the usual 0.3 healthy runs are clipped at every step, by factors of 2 to 4.
std::vector<std::string> watchStep(RunWatchState& state, const TrainingConfig& config, double loss, double gradNorm);

/// The same for an evaluation. Overfitting: three evaluations in a row are above the best one by half a percent, and
/// the last by one, while the training loss is lower than it was at the best. It takes four evaluations at least, so
/// short runs should evaluate more often than usual.
std::vector<std::string> watchEvaluation(RunWatchState& state, double loss);

} // namespace lorikeet
