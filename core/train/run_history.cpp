// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_history.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {
namespace {

using Json = nlohmann::json;

Json numberOrNull(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

double numberOrNan(const Json& json) {
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

// Short keys, and bytes of memory by position: a run has many steps, and each checkpoint holds all of them.
Json jsonOf(const StepEvent& event) {
    return {{"step", event.step},
            {"steps", event.steps},
            {"loss", numberOrNull(event.loss)},
            {"norm", numberOrNull(event.gradNorm)},
            {"rate", numberOrNull(event.learningRate)},
            {"tokens", event.tokens},
            {"trained", event.trainedTokens},
            {"speed", numberOrNull(event.tokensPerSecond)},
            {"seconds", numberOrNull(event.seconds)},
            {"epoch", numberOrNull(event.epoch)},
            {"total", event.totalTokens},
            {"memory", event.memory.bytes}};
}

StepEvent stepOf(const Json& json) {
    StepEvent event{.step = json.at("step"),
                    .steps = json.at("steps"),
                    .loss = numberOrNan(json.at("loss")),
                    .gradNorm = numberOrNan(json.at("norm")),
                    .learningRate = numberOrNan(json.at("rate")),
                    .tokens = json.at("tokens"),
                    .trainedTokens = json.at("trained"),
                    .tokensPerSecond = numberOrNan(json.at("speed")),
                    .seconds = numberOrNan(json.at("seconds")),
                    .epoch = numberOrNan(json.at("epoch")),
                    .totalTokens = json.at("total")};
    const auto bytes = json.at("memory").get<std::vector<int64_t>>();
    for (std::size_t tag = 0; tag < std::min(bytes.size(), event.memory.bytes.size()); ++tag)
        event.memory.bytes[tag] = bytes[tag];
    return event;
}

RunEvent eventOf(const Json& json) {
    if (const auto eval = json.find("eval"); eval != json.end())
        return EvalEvent{json.at("step"), numberOrNan(*eval)};
    if (const auto text = json.find("text"); text != json.end())
        return SampleEvent{json.at("step"), json.at("prompt"), *text};
    return stepOf(json);
}

} // namespace

std::string historyLine(const RunEvent& event) {
    Json json;
    if (const auto* step = std::get_if<StepEvent>(&event))
        json = jsonOf(*step);
    else if (const auto* eval = std::get_if<EvalEvent>(&event))
        json = {{"step", eval->step}, {"eval", numberOrNull(eval->loss)}};
    else if (const auto* sample = std::get_if<SampleEvent>(&event))
        json = {{"step", sample->step}, {"prompt", sample->prompt}, {"text", sample->text}};
    else
        return {};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<RunEvent> parseHistory(const std::filesystem::path& path, std::string_view text) {
    std::vector<RunEvent> events;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        try {
            events.push_back(eventOf(Json::parse(line)));
        } catch (const Json::exception&) {
            fail(ErrorCode::BadFile, "{}: line {} is no event of a run", path.string(), events.size() + 1);
        }
    }
    return events;
}

} // namespace lorikeet
