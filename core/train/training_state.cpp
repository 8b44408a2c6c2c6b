// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_state.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/json_file.h"
#include "core/train/state_json.h"

namespace lorikeet {
namespace {

using Json = nlohmann::ordered_json;

Json jsonOf(const RowsFingerprint& rows) {
    return {{"rows", rows.rows}, {"tokens", rows.tokens}, {"trained_tokens", rows.trainedTokens}, {"hash", rows.hash}};
}

RowsFingerprint fingerprintOf(const nlohmann::json& json) {
    if (!json.at("hash").is_number_integer())
        fail(ErrorCode::BadFile, "hash is {}, and not a whole number", json.at("hash").dump().substr(0, 80));
    return {countIn(json, "rows"), countIn(json, "tokens"), countIn(json, "trained_tokens"), json.at("hash")};
}

Json jsonOf(const MemoryByTag& memory) {
    Json json = Json::object();
    for (int tag = 0; tag < kMemoryTags; ++tag)
        if (memory[MemoryTag(tag)] != 0)
            json[std::string(memoryTagName(MemoryTag(tag)))] = memory[MemoryTag(tag)];
    return json;
}

MemoryByTag memoryOf(const nlohmann::json& json) {
    MemoryByTag memory;
    for (int tag = 0; tag < kMemoryTags; ++tag)
        if (const std::string name(memoryTagName(MemoryTag(tag))); json.contains(name))
            memory[MemoryTag(tag)] = countIn(json, name.c_str());
    return memory;
}

LossWatch::State lossWatchOf(const nlohmann::json& json) {
    LossWatch::State watch;
    readValue(json, "sum", watch.sum);
    readValue(json, "best", watch.best);
    readValue(json, "steps", watch.steps);
    return watch;
}

void readState(const nlohmann::json& json, TrainingState& state) {
    state.step = countIn(json, "step");
    // A step goes into the next epoch at most.
    state.cursor = {countIn(json.at("cursor"), "epoch", state.step), countIn(json.at("cursor"), "position")};
    readValue(json, "is_evaluated", state.isEvaluated);
    readValue(json, "samples_drawn", state.samplesDrawn);
    readValue(json, "total_tokens", state.totalTokens);
    readValue(json, "training_seconds", state.trainingSeconds);
    readValue(json, "seconds", state.seconds);
    if (const nlohmann::json& best = json.at("best_evaluation"); !best.is_null()) {
        state.best = EvalEvent{countIn(best, "step", state.step), 0.0};
        readValue(best, "loss", state.best->loss);
    }
    state.evaluationsSinceBest = countIn(json, "evaluations_since_best", state.step);
    state.watch = lossWatchOf(json.at("loss_watch"));
    state.facts = {watchFromJson(json.at("run_watch")), paceFromJson(json.at("pace"))};
    state.peak = memoryOf(json.at("peak"));
}

/// The first key, dotted, in which two run files differ; nothing where they are equal.
std::optional<std::string> firstDifference(const nlohmann::json& a, const nlohmann::json& b,
                                           const std::string& path = "") {
    for (const auto& [key, value] : a.items()) {
        const std::string name = path.empty() ? key : path + "." + key;
        const auto other = b.find(key);
        if (other == b.end())
            return name;
        if (value.is_object() && other->is_object()) {
            if (const auto inner = firstDifference(value, *other, name))
                return inner;
        } else if (value != *other) {
            return fmt::format("{} ({} and {})", name, value.dump().substr(0, 80), other->dump().substr(0, 80));
        }
    }
    for (const auto& [key, value] : b.items())
        if (!a.contains(key))
            return path.empty() ? key : path + "." + key;
    return std::nullopt;
}

constexpr std::size_t kShownDigits = 12; // of a fingerprint

/// Without what does not change a run's numbers, or is recorded elsewhere.
RunConfig comparable(RunConfig config) {
    config.name.clear();
    config.kernels.clear();
    return config;
}

void requireSameRows(const std::filesystem::path& path, const char* key, const RowsFingerprint& found,
                     const RowsFingerprint& wanted) {
    if (found != wanted)
        fail(ErrorCode::BadConfig,
             "{}: the run was trained on other rows of {} ({}) than are there now ({}); bring the old file back, or "
             "train anew",
             path.string(), key, found.text(), wanted.text());
}

} // namespace

std::string stateText(const TrainingState& state, const RunIdentity& identity) {
    Json json = {{"run", identity.run},
                 {"step", state.step},
                 {"seed", identity.config.training.seed},
                 {"cursor", {{"epoch", state.cursor.epoch}, {"position", state.cursor.position}}},
                 {"is_evaluated", state.isEvaluated},
                 {"samples_drawn", state.samplesDrawn},
                 {"total_tokens", state.totalTokens},
                 {"training_seconds", state.trainingSeconds},
                 {"seconds", state.seconds},
                 {"best_evaluation", nullptr},
                 {"evaluations_since_best", state.evaluationsSinceBest},
                 {"loss_watch", {{"sum", state.watch.sum}, {"best", state.watch.best}, {"steps", state.watch.steps}}},
                 {"run_watch", watchToJson(state.facts.watch)},
                 {"pace", paceToJson(state.facts.pace)},
                 {"peak", jsonOf(state.peak)},
                 {"model", identity.model},
                 {"kernels", identity.kernels},
                 {"data", {{"train", jsonOf(identity.data.train)}, {"eval", jsonOf(identity.data.eval)}}},
                 {"config", Json::parse(serialiseRunConfig(identity.config))}};
    if (state.best)
        json["best_evaluation"] = {{"step", state.best->step}, {"loss", state.best->loss}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void parseState(const std::filesystem::path& path, const std::string& text, TrainingState& state,
                RunIdentity& identity) {
    const nlohmann::json json = parseJsonFile(path, text);
    try {
        readState(json, state);
        identity.run = json.at("run");
        identity.model = json.value("model", "");
        identity.kernels = json.value("kernels", "");
        identity.data = {fingerprintOf(json.at("data").at("train")), fingerprintOf(json.at("data").at("eval"))};
        identity.config = parseRunDraft(json.at("config").dump(), "config");
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::BadFile, "{}: it is not the state of a run: a key is missing or of a wrong type",
             path.string());
    } catch (const Error& error) {
        fail(error.code() == ErrorCode::NotBuilt ? ErrorCode::NotBuilt : ErrorCode::BadFile, "{}: {}", path.string(),
             error.message());
    }
    if (state.step < 1)
        fail(ErrorCode::BadFile, "{}: step {} is no state of a run", path.string(), state.step);
}

void requireSameRun(const std::filesystem::path& path, const RunIdentity& found, const RunIdentity& wanted) {
    if (found.run != wanted.run)
        fail(ErrorCode::BadConfig, "{}: this checkpoint is of the run '{}', not of '{}'", path.string(),
             found.run.substr(0, 64), wanted.run);
    const RunConfig ours = comparable(wanted.config), theirs = comparable(found.config);
    if (ours != theirs)
        fail(ErrorCode::BadConfig, "{}: this checkpoint was made with another configuration; it differs in {}",
             path.string(),
             firstDifference(nlohmann::json::parse(serialiseRunConfig(theirs)),
                             nlohmann::json::parse(serialiseRunConfig(ours)))
                 .value_or("a value that is written alike"));
    if (!found.model.empty() && !wanted.model.empty() && found.model != wanted.model)
        fail(
            ErrorCode::BadConfig,
            "{}: the model {} has been replaced since: the run was trained over one with the fingerprint {}, and there "
            "is now one with {}; bring the old model back, or train the adapter on in a new run (lora.init_from)",
            path.string(), wanted.config.model, found.model.substr(0, kShownDigits),
            wanted.model.substr(0, kShownDigits));
    if (!found.kernels.empty() && !wanted.kernels.empty() && found.kernels != wanted.kernels)
        fail(ErrorCode::BadConfig,
             "{}: the run was trained with the kernels {}, and others ({}) would give other numbers", path.string(),
             found.kernels, wanted.kernels);
    requireSameRows(path, "data.train", found.data.train, wanted.data.train);
    requireSameRows(path, "data.eval", found.data.eval, wanted.data.eval);
}

} // namespace lorikeet
