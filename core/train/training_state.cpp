// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_state.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/json_file.h"

namespace lorikeet {
namespace {

using Json = nlohmann::ordered_json;

Json jsonOf(const RowsFingerprint& rows) {
    return {{"rows", rows.rows}, {"tokens", rows.tokens}, {"trained_tokens", rows.trainedTokens}, {"hash", rows.hash}};
}

RowsFingerprint fingerprintOf(const nlohmann::json& json) {
    return {json.at("rows"), json.at("tokens"), json.at("trained_tokens"), json.at("hash")};
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
        memory[MemoryTag(tag)] = json.value(std::string(memoryTagName(MemoryTag(tag))), int64_t(0));
    return memory;
}

void readState(const nlohmann::json& json, TrainingState& state) {
    state.step = json.at("step");
    state.cursor = {json.at("cursor").at("epoch"), json.at("cursor").at("position")};
    state.isEvaluated = json.at("is_evaluated");
    state.samplesDrawn = json.at("samples_drawn");
    state.totalTokens = json.at("total_tokens");
    state.trainingSeconds = json.at("training_seconds");
    state.seconds = json.at("seconds");
    if (const nlohmann::json& best = json.at("best_evaluation"); !best.is_null())
        state.best = EvalEvent{best.at("step"), best.at("loss")};
    state.evaluationsSinceBest = json.at("evaluations_since_best");
    const nlohmann::json& watch = json.at("loss_watch");
    state.watch = {watch.at("sum"), watch.at("best"), watch.at("steps")};
    state.facts = {watchFromJson(json.at("run_watch")), paceFromJson(json.at("pace"))};
    state.peak = memoryOf(json.at("peak"));
}

/// The first key, dotted, in which two run files differ.
std::string firstDifference(const nlohmann::json& a, const nlohmann::json& b, const std::string& path = "") {
    for (const auto& [key, value] : a.items()) {
        const std::string name = path.empty() ? key : path + "." + key;
        const auto other = b.find(key);
        if (other == b.end())
            return name;
        if (value.is_object() && other->is_object()) {
            if (const std::string inner = firstDifference(value, *other, name); !inner.empty())
                return inner;
        } else if (value != *other) {
            return fmt::format("{} ({} and {})", name, value.dump().substr(0, 80), other->dump().substr(0, 80));
        }
    }
    return {};
}

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
        identity.data = {fingerprintOf(json.at("data").at("train")), fingerprintOf(json.at("data").at("eval"))};
        identity.config = parseRunDraft(json.at("config").dump(), "config");
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::BadFile, "{}: it is not the state of a run: a key is missing or of a wrong type",
             path.string());
    } catch (const Error& error) {
        fail(error.code() == ErrorCode::NotBuilt ? ErrorCode::NotBuilt : ErrorCode::BadFile, "{}: {}", path.string(),
             error.message());
    }
    if (state.step < 1 || state.cursor.epoch < 0 || state.cursor.position < 0 || state.samplesDrawn < 0)
        fail(ErrorCode::BadFile, "{}: step {}, epoch {}, position {} and {} samples are no state of a run",
             path.string(), state.step, state.cursor.epoch, state.cursor.position, state.samplesDrawn);
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
                             nlohmann::json::parse(serialiseRunConfig(ours))));
    requireSameRows(path, "data.train", found.data.train, wanted.data.train);
    requireSameRows(path, "data.eval", found.data.eval, wanted.data.eval);
}

} // namespace lorikeet
