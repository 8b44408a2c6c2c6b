// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_watch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/train/run_config.h"
#include "core/train/state_json.h"

namespace lorikeet {
namespace {

constexpr double kKept = 0.97;     ///< of the smoothed loss, a step
constexpr double kSlowKept = 0.99; ///< of the average that the best is one of
constexpr int64_t kFirstJudged = 20;
constexpr int64_t kStartSteps = 5;
constexpr double kRise = 0.2;
constexpr double kRiseOverStart = 0.5;
constexpr double kNoisesOverStart = 1.5; ///< five steps are few, and their mean is noisy, too
constexpr int64_t kStepsAbove = 10;

constexpr int64_t kBlockSteps = 50;
constexpr std::size_t kLeastBlocks = 3;
constexpr double kLeastFall = 0.005;
constexpr double kFallOfStart = 0.04;
constexpr double kRiseOfBlocks = 0.08;
constexpr double kErrorsOfRise = 4.0; ///< it is looked at often, and its error is not known well
constexpr double kLeastRise = 0.02;   ///< that is not nothing, but not to be told yet
constexpr double kHidden = 0.08;

constexpr double kClipKept = 0.98;
constexpr double kHardClip = 10.0;
constexpr double kNearlyAll = 0.97;
constexpr int64_t kClipSteps = 100;

constexpr double kEvaluationRise = 0.005;
constexpr double kLastEvaluationRise = 0.01;
constexpr int64_t kEvaluationsAbove = 3;

/// An exponential average that began at zero, corrected for it as Adam's moments are.
double corrected(double sum, double kept, int64_t steps) {
    return steps > 0 ? sum / (1.0 - std::pow(kept, double(steps))) : 0.0;
}

double smoothedLoss(const RunWatchState& state) {
    return corrected(state.lossSum, kKept, state.steps);
}

double noise(const RunWatchState& state) {
    return std::sqrt(corrected(state.varianceSum, kKept, state.steps));
}

/// The loss of the first few steps.
double startLoss(const RunWatchState& state) {
    return state.startSum / double(kStartSteps);
}

void addLoss(RunWatchState& state, double loss) {
    const double off = state.steps > 0 ? loss - smoothedLoss(state) : 0.0;
    state.steps += 1;
    state.lossSum = kKept * state.lossSum + (1.0 - kKept) * loss;
    state.slowSum = kSlowKept * state.slowSum + (1.0 - kSlowKept) * loss;
    state.varianceSum = kKept * state.varianceSum + (1.0 - kKept) * off * off;
    if (state.steps <= kStartSteps)
        state.startSum += loss;
    state.blockSum += loss;
    if (state.steps % kBlockSteps == 0) {
        state.means.push_back(state.blockSum / double(kBlockSteps));
        state.blockSum = 0.0;
    }
}

bool isFarAboveBest(const RunWatchState& state) {
    const double margin = std::max({kRise * state.bestLoss, state.noiseAtBest, noise(state)});
    return smoothedLoss(state) > state.bestLoss + margin;
}

/// A run that goes wrong in its first steps has no better average to be compared with.
bool isFarAboveStart(const RunWatchState& state) {
    const double start = startLoss(state);
    return smoothedLoss(state) > start + std::max(kRiseOverStart * start, kNoisesOverStart * noise(state));
}

bool isDiverging(RunWatchState& state) {
    if (state.steps < kFirstJudged)
        return false;
    const double slow = corrected(state.slowSum, kSlowKept, state.steps);
    if (state.steps == kFirstJudged || slow < state.bestLoss) {
        state.bestLoss = slow;
        state.noiseAtBest = noise(state);
    }
    state.stepsAbove = isFarAboveBest(state) || isFarAboveStart(state) ? state.stepsAbove + 1 : 0;
    return state.stepsAbove >= kStepsAbove;
}

/// The first block of steps against the later half of all.
struct Progress {
    double first = 0.0, last = 0.0;
    double error = 0.0; ///< of their difference
};

/// Nothing where it is too early to tell, or no block has just ended.
std::optional<Progress> progressOf(const RunWatchState& state, int64_t warmupSteps) {
    const std::size_t blocks = state.means.size();
    if (state.steps % kBlockSteps != 0 || blocks < kLeastBlocks ||
        state.steps - int64_t(kLeastBlocks) * kBlockSteps < warmupSteps)
        return std::nullopt;
    const std::size_t late = blocks / 2;
    const double last =
        std::accumulate(state.means.end() - std::ptrdiff_t(late), state.means.end(), 0.0) / double(late);
    return Progress{state.means.front(), last,
                    noise(state) * std::sqrt((1.0 + 1.0 / double(late)) / double(kBlockSteps))};
}

bool hasRisen(const Progress& progress) {
    return progress.last - progress.first > kRiseOfBlocks * progress.first + kErrorsOfRise * progress.error;
}

bool hasLearnedNothing(const RunWatchState& state, const Progress& progress) {
    const auto [first, last, error] = progress;
    const double fall = first - last;
    // What falls in the first few steps alone, the first block hides.
    return fall < kLeastFall * first && -fall < kLeastRise * first + 2.0 * error &&
           fall + 2.0 * error < kHidden * first && startLoss(state) - last < kFallOfStart * first;
}

bool isClippedHard(RunWatchState& state, double maxGradNorm, double gradNorm) {
    const double clipped = maxGradNorm > 0.0 && gradNorm > kHardClip * maxGradNorm ? 1.0 : 0.0;
    state.clippedSum = kClipKept * state.clippedSum + (1.0 - kClipKept) * clipped;
    return state.steps >= kClipSteps && corrected(state.clippedSum, kClipKept, state.steps) > kNearlyAll;
}

constexpr const char* kBestEvaluation = "best_evaluation";

/// Calls visit(key, value) for all that is kept, but for the one that may be absent.
template <typename State, typename Visit>
void eachValue(State& state, const Visit& visit) {
    visit("steps", state.steps);
    visit("loss_sum", state.lossSum);
    visit("slow_sum", state.slowSum);
    visit("start_sum", state.startSum);
    visit("variance_sum", state.varianceSum);
    visit("clipped_sum", state.clippedSum);
    visit("best_loss", state.bestLoss);
    visit("noise_at_best", state.noiseAtBest);
    visit("steps_above", state.stepsAbove);
    visit("block_sum", state.blockSum);
    visit("means", state.means);
    visit("loss_at_best_evaluation", state.lossAtBestEvaluation);
    visit("evaluations_above", state.evaluationsAbove);
    visit("told_diverging", state.isToldDiverging);
    visit("told_overfitting", state.isToldOverfitting);
    visit("told_nothing_learned", state.isToldNothingLearned);
    visit("told_clipped", state.isToldClipped);
}

/// True the first time that something holds.
bool isNews(bool holds, bool& isTold) {
    const bool news = holds && !isTold;
    isTold |= holds;
    return news;
}

} // namespace

std::vector<std::string> watchStep(RunWatchState& state, const TrainingConfig& config, double loss, double gradNorm) {
    std::vector<std::string> warnings;
    addLoss(state, loss);
    if (isNews(isDiverging(state), state.isToldDiverging))
        warnings.push_back(fmt::format(
            "the loss rises: {:.3f} on average now, {:.3f} {}. The run is diverging (or, where data.shuffle is false, "
            "the later rows are harder); a lower training.learning_rate (it is {}) or a warm-up "
            "(training.warmup_steps) may help, and an earlier checkpoint is the better one",
            smoothedLoss(state), std::min(state.bestLoss, startLoss(state)),
            startLoss(state) < state.bestLoss ? "at first" : "at its best", config.learningRate));
    const std::optional<Progress> progress = progressOf(state, config.warmupSteps);
    const bool isUp = progress && hasRisen(*progress);
    const bool isStuck = !state.isToldDiverging && progress && (isUp || hasLearnedNothing(state, *progress));
    if (isNews(isStuck, state.isToldNothingLearned))
        warnings.push_back(
            isUp ? fmt::format("the loss has risen since the beginning: it was {:.3f} in the first {} steps and is "
                               "{:.3f} on average now. A lower training.learning_rate (it is {}) or a warm-up "
                               "(training.warmup_steps) may help",
                               progress->first, kBlockSteps, progress->last, config.learningRate)
                 : fmt::format("nothing has been learned in {} steps: the loss was {:.3f} at first and is {:.3f}. A "
                               "higher training.learning_rate (it is {}), a larger lora.r or other rows may help",
                               state.steps, progress->first, progress->last, config.learningRate));
    if (isNews(isClippedHard(state, config.maxGradNorm, gradNorm), state.isToldClipped))
        warnings.push_back(fmt::format(
            "gradients are clipped to less than a tenth in nearly every step: their norm is {:.3g}, "
            "training.max_grad_norm is {}. All gradients then count alike, large or small: a step with bad rows moves "
            "the weights as much as any other. A higher training.max_grad_norm tells them apart again",
            gradNorm, config.maxGradNorm));
    return warnings;
}

std::vector<std::string> watchEvaluation(RunWatchState& state, double loss) {
    if (!std::isfinite(loss))
        return {};
    if (!state.bestEvaluation || loss < *state.bestEvaluation) {
        state.bestEvaluation = loss;
        state.lossAtBestEvaluation = smoothedLoss(state);
        state.evaluationsAbove = 0;
        return {};
    }
    const double best = *state.bestEvaluation;
    state.evaluationsAbove = loss > (1.0 + kEvaluationRise) * best ? state.evaluationsAbove + 1 : 0;
    const bool isOverfitting = state.evaluationsAbove >= kEvaluationsAbove &&
                               loss > (1.0 + kLastEvaluationRise) * best &&
                               smoothedLoss(state) < state.lossAtBestEvaluation;
    if (!isNews(isOverfitting, state.isToldOverfitting))
        return {};
    return {fmt::format("the run learns its rows by heart: the evaluation loss is {:.3f}, {:.3f} at its best, while "
                        "the training loss still falls. The adapter of the best evaluation is the better one; fewer "
                        "steps, more rows, a lower lora.r or lora.lora_dropout may help",
                        loss, best)};
}

nlohmann::ordered_json watchToJson(const RunWatchState& state) {
    nlohmann::ordered_json json;
    eachValue(state, [&](const char* key, const auto& value) { json[key] = value; });
    json[kBestEvaluation] = nullptr;
    if (state.bestEvaluation)
        json[kBestEvaluation] = *state.bestEvaluation;
    return json;
}

RunWatchState watchFromJson(const nlohmann::json& json) {
    RunWatchState state;
    if (json.is_object() && !json.contains("slow_sum"))
        return state;
    eachValue(state, [&](const char* key, auto& value) { readValue(json, key, value); });
    readValue(json, kBestEvaluation, state.bestEvaluation);
    return state;
}

} // namespace lorikeet
