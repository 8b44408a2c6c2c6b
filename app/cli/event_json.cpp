// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_json.h"

#include <ctime>

#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "core/generate/generation.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {
namespace {

using Json = nlohmann::ordered_json;

Json pathOrNull(const std::optional<std::filesystem::path>& path) {
    return path ? Json(path->string()) : Json(nullptr);
}

Json json(const StartEvent& event) {
    Json line = {{"event", "start"},         {"run", event.run},
                 {"kernels", event.kernels}, {"trainable_parameters", event.trainableParameters},
                 {"rows", event.rows},       {"skipped", event.skipped},
                 {"steps", event.steps},     {"estimate", memoryJson(event.estimate)}};
    if (event.resumedFrom)
        line["resumed_from"] = *event.resumedFrom;
    return line;
}

Json json(const StepEvent& event) {
    return {{"event", "step"},
            {"step", event.step},
            {"loss", finiteOrNull(event.loss)},
            {"grad_norm", finiteOrNull(event.gradNorm)},
            {"learning_rate", event.learningRate},
            {"tokens", event.tokens},
            {"trained_tokens", event.trainedTokens},
            {"tokens_per_second", finiteOrNull(event.tokensPerSecond)},
            {"memory", memoryJson(event.memory)}};
}

Json json(const EvalEvent& event) {
    return {{"event", "eval"}, {"step", event.step}, {"loss", finiteOrNull(event.loss)}};
}

Json json(const SampleEvent& event) {
    return {{"event", "sample"}, {"step", event.step}, {"prompt", event.prompt}, {"text", event.text}};
}

Json json(const CheckpointEvent& event) {
    return {{"event", "checkpoint"}, {"step", event.step}, {"path", event.path.string()}};
}

Json json(const WarningEvent& event) {
    return {{"event", "warning"}, {"text", event.text}};
}

Json json(const EndEvent& event) {
    Json line = {{"event", "end"},
                 {"run", event.run},
                 {"outcome", runOutcomeName(event.outcome)},
                 {"adapter", pathOrNull(event.adapter)},
                 {"model", pathOrNull(event.model)},
                 {"peak", memoryJson(event.peak)},
                 {"seconds", finiteOrNull(event.seconds)}};
    if (!event.reason.empty())
        line["reason"] = event.reason;
    return line;
}

} // namespace

Json memoryJson(const MemoryByTag& memory) {
    Json object = Json::object();
    for (int tag = 0; tag < kMemoryTags; ++tag)
        if (memory[MemoryTag(tag)] != 0)
            object[std::string(memoryTagName(MemoryTag(tag)))] = memory[MemoryTag(tag)];
    object["total"] = memory.total();
    return object;
}

Json memoryJson(const NamedBytes& memory) {
    Json object = Json::object();
    int64_t total = 0;
    for (const auto& [tag, bytes] : memory) {
        if (bytes != 0)
            object[tag] = bytes;
        total += bytes;
    }
    object["total"] = total;
    return object;
}

Json eventJson(const RunEvent& event) {
    return std::visit([](const auto& kind) { return json(kind); }, event);
}

Json runJson(const RunRecord& run) {
    const bool isFull = run.method == methodName(Method::Full);
    return {{"id", run.id},
            {"name", run.name},
            {"state", runStateName(run.state)},
            {"method", run.method},
            {"model", run.model},
            {"steps", run.steps},
            {"loss", run.loss ? finiteOrNull(*run.loss) : Json(nullptr)},
            {"adapter", run.adapter && !isFull ? Json(*run.adapter) : Json(nullptr)},
            {"tuned_model", run.adapter && isFull ? Json(*run.adapter) : Json(nullptr)},
            {"started", run.started ? Json(*run.started) : Json(nullptr)}};
}

Json metricsJson(const StepMetrics& metrics) {
    return {{"step", metrics.step},
            {"loss", finiteOrNull(metrics.loss)},
            {"grad_norm", finiteOrNull(metrics.gradNorm)},
            {"learning_rate", metrics.learningRate},
            {"tokens", metrics.tokens},
            {"trained_tokens", metrics.trainedTokens},
            {"tokens_per_second", finiteOrNull(metrics.tokensPerSecond)}};
}

Json generateEndJson(const GenerationResult& result) {
    return {{"event", "end"},
            {"text", result.text},
            {"tokens", result.tokens.size()},
            {"stop", stopReasonName(result.stop)},
            {"prompt_tokens_per_second", finiteOrNull(result.promptTokensPerSecond())},
            {"tokens_per_second", finiteOrNull(result.tokensPerSecond())}};
}

std::string timeText(UnixMilliseconds time) {
    const std::time_t seconds = time / 1000;
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local)};
}

} // namespace lorikeet::cli
