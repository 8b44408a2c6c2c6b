// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/jobs/model_identity.h"
#include "core/runs/run_store.h"
#include "core/train/checkpoint_manifest.h"
#include "tests/core/jobs/killed_run.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// What else than its own folder a run needs to go on.
class ResumeInputs : public KilledRunTest {
protected:
    RunConfig savingRun() {
        RunConfig config = smallRun();
        config.training.maxSteps = 4;
        config.training.saveTotalLimit.reset();
        config.every.save = 1;
        return config;
    }
    /// Leaves a run after its third step, as kill -9 does.
    std::string trainAndKill(const RunConfig& config) { return KilledRunTest::trainAndKill(config, stepIs(3)); }
    static std::string bytesOf(const EndEvent& end) { return readTextFile(*end.adapter / "adapter_model.safetensors"); }
    /// Everything that a refused resume must leave as it was.
    std::string allOf(const std::string& id) {
        const RunRecord record = m_workshop.runs().get(id);
        std::string text = fmt::format("{} {} {}", int(record.state), record.steps, record.started.value_or(0));
        for (const StepMetrics& step : m_workshop.runs().metrics(id))
            text += fmt::format(" {}", step.step);
        for (const CheckpointRecord& one : m_workshop.runs().checkpoints(id))
            text += fmt::format(" [{}]", one.step);
        for (const fs::path& path : listFolder(m_workshop.folder().run(id) / "checkpoints"))
            text += " " + path.filename().string();
        return text;
    }
};

TEST_F(ResumeInputs, AModelThatWasReplacedUnderItsPathIsRefusedUntilItIsBack) {
    RunConfig config = savingRun();
    config.model = (m_folder / "model").string();
    fs::copy(modelPath(), config.model);
    const EndEvent alone = train(config);
    const std::string id = trainAndKill(config), before = allOf(id);
    const fs::path weights = fs::path(config.model) / "model.safetensors";
    const std::string whole = readTextFile(weights);
    std::string other = whole;
    other[other.size() - 1000] = char(other[other.size() - 1000] ^ 4);
    std::ofstream(weights, std::ios::binary) << other;
    const Error error = errorOf([&] { resume(id); });
    EXPECT_EQ(error.code(), ErrorCode::BadConfig);
    EXPECT_THAT(error.message(), AllOf(HasSubstr(config.model), HasSubstr("replaced"), HasSubstr("init_from")));
    EXPECT_EQ(allOf(id), before);
    std::ofstream(weights, std::ios::binary) << whole;
    EXPECT_EQ(bytesOf(resume(id)), bytesOf(alone));
}

TEST_F(ResumeInputs, AModelIsKnownAgainByWhatMakesItCompute) {
    const fs::path copy = m_folder / "copy";
    fs::copy(modelPath(), copy);
    EXPECT_EQ(modelIdentity(copy), modelIdentity(modelPath()));
    nlohmann::json config = nlohmann::json::parse(readTextFile(copy / "config.json"));
    config["transformers_version"] = "99";
    std::ofstream(copy / "config.json") << config.dump(3);
    EXPECT_EQ(modelIdentity(copy), modelIdentity(modelPath()));
    config["rms_norm_eps"] = 0.5;
    std::ofstream(copy / "config.json") << config.dump(3);
    EXPECT_NE(modelIdentity(copy), modelIdentity(modelPath()));
    EXPECT_EQ(weightsIdentity(copy), weightsIdentity(modelPath()));
}

TEST_F(ResumeInputs, TheAdapterThatItBeganWithMayBeGone) {
    const EndEvent first = train(savingRun());
    RunConfig config = savingRun();
    config.lora = {};
    config.lora.initFrom = (m_folder / "first").string();
    fs::copy(*first.adapter, config.lora.initFrom);
    const EndEvent alone = train(config);
    const std::string id = trainAndKill(config);
    fs::remove_all(config.lora.initFrom);
    EXPECT_EQ(bytesOf(resume(id)), bytesOf(alone));
    EXPECT_EQ(eventsOf<StartEvent>().at(0).resumedFrom, 2);
}

TEST_F(ResumeInputs, ACheckpointThatDoesNotFitIsRefusedBeforeAnythingChanges) {
    const std::string id = trainAndKill(savingRun()), before = allOf(id);
    const fs::path state = checkpoint(id, 2) / "state.json";
    nlohmann::json changed = nlohmann::json::parse(readTextFile(state));
    changed["cursor"]["position"] = 4711;
    std::ofstream(state) << changed.dump();
    fs::remove(checkpoint(id, 2) / kManifestFile);
    writeManifest(checkpoint(id, 2), 2);
    const Error error = errorOf([&] { resume(id); });
    EXPECT_EQ(error.code(), ErrorCode::BadFile);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("step-2"), HasSubstr("4711")));
    EXPECT_EQ(allOf(id), before);
    EXPECT_TRUE(m_events.empty());
}

TEST_F(ResumeInputs, WhereNoCheckpointIsWholeItAsks) {
    const EndEvent alone = train(savingRun());
    const std::string id = trainAndKill(savingRun());
    for (const int step : {1, 2})
        fs::remove(checkpoint(id, step) / "state.json");
    const std::string before = allOf(id);
    EXPECT_THAT(errorOf([&] { resume(id); }).message(), HasSubstr("--checkpoint 0"));
    EXPECT_EQ(allOf(id), before);
    EXPECT_EQ(bytesOf(resume(id, {.checkpoint = 0, .lock = {}})), bytesOf(alone));
    EXPECT_EQ(eventsOf<StartEvent>().at(0).resumedFrom, 0);
}

} // namespace
} // namespace lorikeet
