// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/time_left.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/train/run_config.h"
#include "core/train/state_json.h"

namespace lorikeet {
namespace {

/// Of the tokens and seconds of earlier steps: the speed of the last 50 or so counts.
constexpr double kKept = 0.98;
constexpr int64_t kTimesKept = 5; ///< of evaluations, samplings and saves
constexpr int64_t kStepsOfOther = 3;
constexpr double kLongestStep = 5.0; ///< of what is expected
constexpr double kSampleToken = 2.0;

/// Multiples of `every` in [from, to].
int64_t dueWithin(int64_t every, int64_t from, int64_t to) {
    return every > 0 && to >= from ? to / every - (from - 1) / every : 0;
}

nlohmann::ordered_json toJson(const Duration& duration) {
    return {{"seconds", duration.seconds}, {"times", duration.times}};
}

Duration durationFrom(const nlohmann::json& json) {
    Duration duration;
    readValue(json, "seconds", duration.seconds);
    readValue(json, "times", duration.times);
    return duration;
}

} // namespace

RunAhead runAhead(const RunConfig& config, int64_t step, int64_t steps, int64_t tokens, bool evaluates) {
    const int64_t from = std::max<int64_t>(step, 1);
    // The last step counts as due, and only once.
    const auto withLast = [&](int64_t every) {
        return dueWithin(every, from, steps) + (every <= 0 || steps % every != 0 ? 1 : 0);
    };
    RunAhead ahead{.tokens = tokens};
    if (evaluates)
        ahead.evaluations = withLast(config.every.eval);
    if (!config.samples.prompts.empty())
        ahead.samplings = withLast(config.every.sample);
    ahead.saves = dueWithin(config.every.save, from, steps - 1) + 1;
    return ahead;
}

void Duration::add(double more) {
    if (times >= kTimesKept) {
        seconds *= double(kTimesKept - 1) / double(times);
        times = kTimesKept - 1;
    }
    seconds += more;
    times += 1;
}

void RunPace::addStep(int64_t stepTokens, double stepSeconds) {
    if (tokens > 0.0 && seconds > 0.0)
        stepSeconds = std::min(stepSeconds, kLongestStep * seconds / tokens * double(stepTokens));
    const double kept = steps < 2 ? 0.0 : kKept;
    steps += 1;
    tokens = kept * tokens + double(stepTokens);
    seconds = kept * seconds + stepSeconds;
}

void RunPace::goOn() {
    if (steps > kStepsOfOther) {
        // What 1 + kKept + kKept^2 + ... comes to, of few steps and of all but the first.
        const auto weight = [](int64_t count) { return 1.0 - std::pow(kKept, double(count)); };
        const double share = weight(kStepsOfOther) / weight(steps - 1);
        steps = kStepsOfOther + 1;
        tokens *= share;
        seconds *= share;
    }
    for (Duration* duration : {&evaluations, &samplings, &saves})
        *duration = {duration->mean(), std::min<int64_t>(duration->times, 1)};
}

double secondsLeft(const RunPace& pace, const RunAhead& ahead, const RunUnits& units) {
    if (pace.tokens <= 0.0)
        return 0.0;
    const double token = pace.seconds / pace.tokens;
    const double forward = token * (units.checkpointing ? 0.25 : 1.0 / 3.0);
    const double evaluation =
        pace.evaluations.times > 0 ? pace.evaluations.mean() : forward * double(units.evaluationTokens);
    const double sampling =
        pace.samplings.times > 0 ? pace.samplings.mean() : kSampleToken * token * double(units.sampleTokens);
    return token * double(ahead.tokens) + evaluation * double(ahead.evaluations) + sampling * double(ahead.samplings) +
           pace.saves.mean() * double(ahead.saves);
}

nlohmann::ordered_json paceToJson(const RunPace& pace) {
    return {{"steps", pace.steps},
            {"tokens", pace.tokens},
            {"seconds", pace.seconds},
            {"evaluations", toJson(pace.evaluations)},
            {"samplings", toJson(pace.samplings)},
            {"saves", toJson(pace.saves)}};
}

RunPace paceFromJson(const nlohmann::json& json) {
    RunPace pace;
    readValue(json, "steps", pace.steps);
    readValue(json, "tokens", pace.tokens);
    readValue(json, "seconds", pace.seconds);
    pace.evaluations = durationFrom(json.at("evaluations"));
    pace.samplings = durationFrom(json.at("samplings"));
    pace.saves = durationFrom(json.at("saves"));
    return pace;
}

} // namespace lorikeet
