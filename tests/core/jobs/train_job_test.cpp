// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/train_job.h"

#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"
#include "core/jobs/score_job.h"
#include "core/model/base_model.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TrainJob : public JobsTest {
protected:
    /// "code: message" of what training throws.
    std::string errorOf(const RunConfig& config) {
        try {
            train(config);
        } catch (const Error& error) {
            return std::string(errorCodeName(error.code())) + ": " + error.message();
        }
        return "no error";
    }
};

TEST_F(TrainJob, RecordsTheRunFromItsConfigToItsAdapter) {
    RunConfig config = smallRun();
    config.data.evalFraction = 0.2;
    config.every = {.log = 1, .eval = 2, .sample = 3, .save = 2};
    config.samples = {{"What is blue?"}, 4};
    const EndEvent end = train(config);
    EXPECT_EQ(end.outcome, RunOutcome::Finished);

    RunStore& store = m_workshop.runs();
    const RunRecord record = store.get(end.run);
    EXPECT_EQ(record.state, RunState::Finished);
    EXPECT_EQ(record.name, "small");
    EXPECT_EQ(record.steps, 3);
    EXPECT_EQ(record.totalSteps, 3);
    EXPECT_EQ(record.adapter, end.adapter->string());
    EXPECT_EQ(parseRunConfig(record.config), config);
    EXPECT_FALSE(record.kernels.empty());
    EXPECT_GT(record.peak.at("weights"), 0);
    EXPECT_EQ(record.estimate.at("weights"), record.peak.at("weights"));
    EXPECT_EQ(record.rows, 4);
    EXPECT_EQ(record.skippedRows, 0);
    EXPECT_EQ(record.trainableParameters, eventsOf<StartEvent>().at(0).trainableParameters);
    EXPECT_EQ(record.seconds, end.seconds);
    EXPECT_EQ(record.phase, "");
    EXPECT_TRUE(record.bestEvaluation);
    const auto metrics = store.metrics(end.run);
    ASSERT_EQ(metrics.size(), 3u);
    EXPECT_EQ(metrics[0].epoch, 0.5); // two of the four rows
    EXPECT_EQ(metrics[1].epoch, 1.0);
    EXPECT_EQ(metrics[2].epoch, 1.5);
    EXPECT_EQ(metrics[2].totalTokens, metrics[0].tokens + metrics[1].tokens + metrics[2].tokens);
    EXPECT_GT(metrics[0].seconds, 0.0);
    EXPECT_LT(metrics[0].seconds, metrics[2].seconds);
    EXPECT_LE(metrics[2].seconds, end.seconds);
    EXPECT_EQ(store.memory(end.run).size(), 3u);
    EXPECT_EQ(store.evaluations(end.run).size(), 2u);
    EXPECT_EQ(store.samples(end.run).size(), 1u);
    EXPECT_EQ(store.checkpoints(end.run).size(), 1u);
    EXPECT_FALSE(RunLock::isHeld(store.folder().run(end.run)));

    const auto starts = eventsOf<StartEvent>();
    ASSERT_EQ(starts.size(), 1u);
    EXPECT_EQ(starts[0].run, end.run);
    EXPECT_EQ(starts[0].rows, 4);
    EXPECT_EQ(starts[0].skipped, 0);
    EXPECT_EQ(starts[0].steps, 3);
    EXPECT_GT(starts[0].estimate[MemoryTag::Activations], 0);
    EXPECT_EQ(eventsOf<EndEvent>().size(), 1u);
    EXPECT_TRUE(std::holds_alternative<EndEvent>(m_events.back()));
}

TEST_F(TrainJob, TheAdapterLoadsOverWhatItWasTrainedOver) {
    const EndEvent end = train(smallRun());
    OpenedModel tuned =
        openModel(m_workshop, {.model = modelPath(), .adapter = end.adapter, .wish = {}, .otherwise = {}});
    EXPECT_EQ(tuned.base->quantization(), defaultQuantization());
    OpenedModel plain =
        openModel(m_workshop, {.model = modelPath(), .adapter = {}, .wish = {}, .otherwise = defaultQuantization()});
    EXPECT_EQ(plain.base, tuned.base) << "a base model is loaded once";
    const std::vector<TokenId> tokens = tuned.text.tokenizer->encode("What is blue? The sky.");
    EXPECT_NE(scoreTokens(tuned, tokens).meanNll, scoreTokens(plain, tokens).meanNll);
    EXPECT_TRUE(tuned.trainedOver->chatTemplate == TemplateChoice::Chat);
    EXPECT_EQ(tuned.trainedOver->run, end.run);
}

TEST_F(TrainJob, AFullFinetuningLeavesAModelThatTakesThePlaceOfItsBase) {
    RunConfig config = smallFullRun();
    config.every.save = 2;
    const EndEvent end = train(config);
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    EXPECT_FALSE(end.adapter);
    ASSERT_EQ(end.model, m_workshop.folder().run(end.run) / "model");
    const RunRecord record = m_workshop.runs().get(end.run);
    EXPECT_EQ(record.adapter, end.model->string());
    EXPECT_EQ(record.method, "full");
    EXPECT_EQ(record.trainableParameters, inspectModel(modelPath()).parameters);
    EXPECT_EQ(record.estimate.at("weights"), record.peak.at("weights"));
    EXPECT_FALSE(record.peak.contains("adapters"));

    RunControl control;
    EXPECT_EQ(resumeRun(m_workshop, end.run, {}, {}, control).model, end.model);

    // Named as a model it is used as it was trained; a base under it does not matter.
    OpenedModel tuned = openModel(
        m_workshop, {.model = end.model->string(), .adapter = {}, .wish = {}, .otherwise = defaultQuantization()});
    EXPECT_FALSE(tuned.base->quantization());
    EXPECT_EQ(tuned.trainedOver->run, end.run);
    OpenedModel beside =
        openModel(m_workshop, {.model = modelPath(), .adapter = end.model, .wish = {}, .otherwise = {}});
    EXPECT_EQ(beside.base, tuned.base);
    EXPECT_FALSE(beside.adapter);
    OpenedModel base = openModel(m_workshop, {.model = modelPath(), .adapter = {}, .wish = {}, .otherwise = {}});
    const std::vector<TokenId> tokens = tuned.text.tokenizer->encode("What is blue? The sky.");
    EXPECT_EQ(tokens, base.text.tokenizer->encode("What is blue? The sky."));
    EXPECT_EQ(scoreTokens(beside, tokens).meanNll, scoreTokens(tuned, tokens).meanNll);
    EXPECT_NE(scoreTokens(base, tokens).meanNll, scoreTokens(tuned, tokens).meanNll);

    // A checkpoint is such a model, too, and any of them can be trained on.
    config.model = (m_workshop.folder().run(end.run) / "checkpoints" / "step-2").string();
    EXPECT_EQ(train(config).outcome, RunOutcome::Finished);
}

TEST_F(TrainJob, AFullFinetuningKeepsWhatStoodBesideTheWeights) {
    const std::filesystem::path model = *train(smallFullRun()).model;
    const auto config = nlohmann::json::parse(readTextFile(model / "config.json"));
    EXPECT_EQ(config.at("dtype"), "float32");
    EXPECT_FALSE(config.contains("torch_dtype"));
    for (const char* name : {"tokenizer.json", "tokenizer_config.json"})
        EXPECT_EQ(readTextFile(model / name), readTextFile(std::filesystem::path(modelPath()) / name)) << name;
}

TEST_F(TrainJob, AFullFinetuningIsNotSaidToBeQuantized) {
    const std::filesystem::path merged = m_folder / "merged";
    std::filesystem::copy(modelPath(), merged);
    auto config = nlohmann::json::parse(readTextFile(merged / "config.json"));
    config["quantization_config"] = {{"quant_method", "bitsandbytes"}, {"load_in_4bit", true}};
    writeFileAtomically(merged / "config.json", config.dump());
    RunConfig run = smallFullRun();
    run.model = merged.string();
    const std::filesystem::path model = *train(run).model;
    EXPECT_FALSE(nlohmann::json::parse(readTextFile(model / "config.json")).contains("quantization_config"));
}

TEST_F(TrainJob, AModelThatNoRunHasMadeIsNoAdapter) {
    try {
        openModel(m_workshop, {.model = modelPath(), .adapter = modelPath(), .wish = {}, .otherwise = {}});
        ADD_FAILURE() << "it was opened";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr("no adapter"));
    }
}

TEST_F(TrainJob, GoesOnFromAnAdapterAndRefusesWhatDiffersFromIt) {
    RunConfig original = smallRun();
    original.lora.alpha = 6.4; // which no float is
    const EndEvent first = train(original);
    RunConfig config = original;
    config.lora.initFrom = first.adapter->string();
    config.lora.rank = 4;
    EXPECT_THAT(errorOf(config), AllOf(HasSubstr("bad_config: lora.r is 4; allowed is 16"), HasSubstr("init_from")));
    config.lora.rank.reset();
    config.lora.targetModules.reset();
    EXPECT_EQ(train(config).outcome, RunOutcome::Finished);
    const RunConfig recorded = parseRunConfig(m_workshop.runs().get(eventsOf<EndEvent>()[0].run).config);
    EXPECT_EQ(recorded.lora.rank, 16);
}

TEST_F(TrainJob, RefusesBeforeRecordingWhatCanBeForeseen) {
    RunConfig config = smallRun();
    config.model = "no-such-model";
    EXPECT_THAT(errorOf(config), AllOf(HasSubstr("not_found"), HasSubstr("no-such-model"), HasSubstr("models list")));

    config = smallRun();
    config.model = sourceFile("tests/data/train/model").string();
    EXPECT_THAT(errorOf(config), AllOf(HasSubstr("not_found"), HasSubstr("tokenizer.json")));

    config = smallRun();
    config.data.train = (m_folder / "absent.jsonl").string();
    EXPECT_THAT(errorOf(config), HasSubstr("absent.jsonl"));

    config = smallRun();
    config.data.maxLength = 4;
    EXPECT_THAT(errorOf(config), AllOf(HasSubstr("bad_file"), HasSubstr("rows.jsonl")));

    config = smallRun();
    config.training.warmupSteps = 3;
    EXPECT_THAT(errorOf(config), HasSubstr("bad_config"));
    EXPECT_TRUE(m_workshop.runs().list().empty());
    EXPECT_TRUE(m_events.empty());
}

TEST_F(TrainJob, ADataFolderThatCannotBeMadeIsAnErrorBeforeTheRun) {
    std::ofstream(m_folder / "data") << "a file is in the way";
    EXPECT_THAT(errorOf(smallRun()), AllOf(HasSubstr("io: "), HasSubstr((m_folder / "data").string())));
    EXPECT_TRUE(m_events.empty());
}

TEST_F(TrainJob, AFullDiskAtTheEndPausesTheRunWhichEndsLater) {
    setFileFaultHook([](FileOperation operation, const std::filesystem::path& path) {
        return operation == FileOperation::Write && path.string().find("adapter.tmp") != std::string::npos ? ENOSPC : 0;
    });
    const EndEvent paused = train(smallRun());
    setFileFaultHook({});
    EXPECT_EQ(paused.outcome, RunOutcome::Paused);
    EXPECT_FALSE(paused.adapter);
    const RunRecord record = m_workshop.runs().get(paused.run);
    EXPECT_EQ(record.state, RunState::Paused);
    EXPECT_THAT(record.errorMessage, AllOf(HasSubstr("disk is full"), HasSubstr("make room")));
    RunControl control;
    EXPECT_EQ(resumeRun(m_workshop, paused.run, {}, {}, control).outcome, RunOutcome::Finished);
    EXPECT_EQ(m_workshop.runs().get(paused.run).errorMessage, "");
}

TEST_F(TrainJob, ADiskThatFailsAtTheEndFailsTheRunInItsRecordToo) {
    setFileFaultHook([](FileOperation operation, const std::filesystem::path& path) {
        const bool isAdapter = path.string().find("adapter_model") != std::string::npos;
        return operation == FileOperation::Write && isAdapter ? EIO : 0;
    });
    const std::string error = errorOf(smallRun());
    setFileFaultHook({});
    EXPECT_THAT(error, HasSubstr("io: "));
    const auto ends = eventsOf<EndEvent>();
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].outcome, RunOutcome::Failed);
    EXPECT_FALSE(ends[0].adapter);
    const RunRecord record = m_workshop.runs().get(ends[0].run);
    EXPECT_EQ(record.state, RunState::Failed);
    EXPECT_EQ(record.errorCode, "io");
    EXPECT_EQ("io: " + record.errorMessage, error);
    EXPECT_EQ(record.steps, 3);
    EXPECT_FALSE(RunLock::isHeld(m_workshop.folder().run(record.id)));
}

TEST_F(TrainJob, AnErrorOnTheWayIsRecordedWithTheCheckpointThatItLeft) {
    std::string message;
    try {
        trainRun(m_workshop, smallRun(), [&](const RunEvent& event) {
            if (const auto* step = std::get_if<StepEvent>(&event); step && step->step == 2)
                fail(ErrorCode::OutOfMemory, "no memory");
        });
    } catch (const Error& error) {
        message = error.message();
    }
    const RunRecord record = m_workshop.runs().list().at(0);
    EXPECT_EQ(record.state, RunState::Failed);
    EXPECT_EQ(record.errorCode, "out_of_memory");
    EXPECT_EQ(record.errorMessage, message);
    const std::vector<CheckpointRecord> checkpoints = m_workshop.runs().checkpoints(record.id);
    ASSERT_EQ(checkpoints.size(), 1u);
    EXPECT_EQ(checkpoints[0].step, 2);
    EXPECT_THAT(message, AllOf(HasSubstr("no memory"), HasSubstr(checkpoints[0].path)));
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(checkpoints[0].path) / "adapter_model.safetensors"));
}

TEST_F(TrainJob, ARunThatCannotTakeItsLockIsRecordedAsFailed) {
    setFileFaultHook([](FileOperation operation, const std::filesystem::path& path) {
        return operation == FileOperation::Open && path.filename() == "lock" ? EMFILE : 0;
    });
    const std::string error = errorOf(smallRun());
    setFileFaultHook({});
    const std::vector<RunRecord> runs = m_workshop.runs().list();
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].state, RunState::Failed);
    EXPECT_EQ(runs[0].errorCode, "io");
    EXPECT_EQ("io: " + runs[0].errorMessage, error);
}

TEST_F(TrainJob, AStoppedRunIsRecordedAsStoppedWithItsAdapter) {
    std::stop_source stop;
    const EndEvent end = trainRun(
        m_workshop, smallRun(),
        [&](const RunEvent& event) {
            if (std::holds_alternative<StepEvent>(event))
                stop.request_stop();
        },
        {}, stop.get_token());
    EXPECT_EQ(end.outcome, RunOutcome::Stopped);
    EXPECT_EQ(end.steps, 1);
    const RunRecord record = m_workshop.runs().get(end.run);
    EXPECT_EQ(record.state, RunState::Stopped);
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(*record.adapter) / "adapter_config.json"));
}

TEST_F(TrainJob, ARunningRunSaysInTheDatabaseWhatItDoes) {
    RunConfig config = smallRun();
    config.data.evalFraction = 0.2;
    config.every = {.log = 1, .eval = 2, .sample = 2, .save = 2};
    config.samples = {{"What is blue?"}, 2};
    config.training.maxSteps = 4;
    std::vector<std::string> seen;
    RunStore watcher(m_workshop.folder(), RunStore::Access::ReadOnly);
    trainRun(m_workshop, config, [&](const RunEvent& event) {
        if (std::holds_alternative<EndEvent>(event) || std::holds_alternative<StartEvent>(event))
            return;
        const RunRecord run = watcher.list().at(0);
        EXPECT_EQ(run.state, RunState::Running);
        if (seen.empty() || seen.back() != run.phase)
            seen.push_back(run.phase);
    });
    EXPECT_EQ(seen, (std::vector<std::string>{"training", "evaluating", "sampling", "saving", "training", "evaluating",
                                              "sampling"}));
}

TEST_F(TrainJob, TellsOfRowsThatAreSkippedAndCut) {
    RunConfig config = smallRun();
    config.data.train =
        writeRows("odd.jsonl", R"({"prompt": "What is blue?", "completion": "The sky, the sky, the sky."}
{"prompt": "What is green?"}
{"prompt": "What is red?", "completion": "A rose."}
)");
    config.data.maxLength = 40;
    train(config);
    ASSERT_EQ(eventsOf<StartEvent>().size(), 1u);
    EXPECT_EQ(eventsOf<StartEvent>()[0].skipped, 1);
    const auto warnings = eventsOf<WarningEvent>();
    ASSERT_GE(warnings.size(), 1u);
    EXPECT_THAT(warnings[0].text, AllOf(HasSubstr("odd.jsonl"), HasSubstr("1 of 3 rows are skipped")));
    const auto recorded = m_workshop.runs().warnings(eventsOf<EndEvent>().at(0).run);
    ASSERT_EQ(recorded.size(), warnings.size());
    EXPECT_EQ(recorded[0].text, warnings[0].text);
    EXPECT_EQ(recorded[0].step, 0);
}

} // namespace
} // namespace lorikeet
