// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/backend/backend.h"
#include "core/base/files.h"
#include "core/jobs/estimate_job.h"
#include "core/jobs/quantize_job.h"
#include "core/jobs/run_blocksizes.h"
#include "core/model/model_config.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "core/train/adapter_folder.h"
#include "core/train/checkpoint_manifest.h"
#include "tests/core/jobs/killed_run.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class ResumeJob : public KilledRunTest {
protected:
    RunConfig longRun() {
        RunConfig config = smallRun();
        config.training.maxSteps = 7;
        config.lora.dropout = 0.1;
        config.data.evalFraction = 0.2;
        config.every = {.log = 1, .eval = 2, .sample = 3, .save = 3};
        config.samples = {{"What is blue?"}, 3};
        return config;
    }
    std::string errorOfResuming(const std::string& id, ResumeOptions options = {}) {
        try {
            resume(id, std::move(options));
        } catch (const Error& error) {
            return std::string(errorCodeName(error.code())) + ": " + error.message();
        }
        return "no error";
    }
    static std::string adapterBytes(const EndEvent& end) {
        return readTextFile(*end.adapter / "adapter_model.safetensors") +
               readTextFile(*end.adapter / "adapter_config.json");
    }
    /// What the database holds of a run that is the same on each day.
    std::string recorded(const std::string& id) {
        RunStore& store = m_workshop.runs();
        std::string text;
        for (const StepMetrics& step : store.metrics(id))
            text += fmt::format("{} {:a} {:a} {} {:a} {}\n", step.step, step.loss, step.gradNorm, step.tokens,
                                step.epoch, step.totalTokens.value_or(0));
        for (const EvaluationRecord& evaluation : store.evaluations(id))
            text += fmt::format("eval {} {:a}\n", evaluation.step, evaluation.loss);
        for (const SampleRecord& sample : store.samples(id))
            text += fmt::format("sample {} {}\n", sample.step, sample.text);
        for (const CheckpointRecord& one : store.checkpoints(id))
            text += fmt::format("checkpoint {} {}\n", one.step, one.isBest);
        text += fmt::format("{} steps, memory of {}\n", store.get(id).steps, store.memory(id).size());
        return text;
    }
};

TEST_F(ResumeJob, AKilledRunEndsInTheBytesAndRecordsOfOneLeftAlone) {
    const EndEvent alone = train(longRun());
    for (const int64_t step : {1, 3, 4, 5, 7}) {
        const std::string id = trainAndKill(longRun(), stepIs(step));
        const EndEvent end = resume(id);
        EXPECT_EQ(end.outcome, RunOutcome::Finished);
        EXPECT_EQ(end.run, id);
        EXPECT_EQ(adapterBytes(end), adapterBytes(alone)) << "killed at step " << step;
        EXPECT_EQ(recorded(id), recorded(alone.run)) << "killed at step " << step;
        const auto starts = eventsOf<StartEvent>();
        ASSERT_EQ(starts.size(), 1u);
        // The evaluation of step 2 was the best so far, so that it was saved, too.
        EXPECT_EQ(starts[0].resumedFrom, step == 1   ? 0
                                         : step <= 3 ? 2
                                         : step <= 5 ? eventsOf<StepEvent>().at(0).step - 1
                                                     : 6);
        EXPECT_EQ(m_workshop.runs().get(id).state, RunState::Finished);
        EXPECT_FALSE(RunLock::isHeld(m_workshop.folder().run(id)));
    }
}

TEST_F(ResumeJob, APausedRunFreesTheMemoryAndGoesOn) {
    const EndEvent alone = train(longRun());
    RunControl control;
    const EndEvent paused = trainRun(
        m_workshop, longRun(),
        [&](const RunEvent& event) {
            if (const auto* step = std::get_if<StepEvent>(&event); step && step->step == 5)
                control.pause();
        },
        {}, control);
    EXPECT_EQ(paused.outcome, RunOutcome::Paused);
    EXPECT_EQ(paused.steps, 5);
    EXPECT_FALSE(paused.adapter);
    const RunRecord record = m_workshop.runs().get(paused.run);
    EXPECT_EQ(record.state, RunState::Paused);
    EXPECT_EQ(record.steps, 5);
    EXPECT_FALSE(RunLock::isHeld(m_workshop.folder().run(paused.run)));
    EXPECT_EQ(m_workshop.backend().ledger().live().total(), 0);
    EXPECT_TRUE(fs::exists(checkpoint(paused.run, 5) / "manifest.json"));

    const EndEvent end = resume(paused.run);
    EXPECT_EQ(eventsOf<StartEvent>().at(0).resumedFrom, 5);
    EXPECT_EQ(eventsOf<StepEvent>().at(0).step, 6);
    EXPECT_EQ(adapterBytes(end), adapterBytes(alone));
    const std::vector<StepMetrics> metrics = m_workshop.runs().metrics(paused.run);
    EXPECT_GT(metrics.at(5).seconds, metrics.at(4).seconds) << "the clock goes on";
}

TEST_F(ResumeJob, AStoppedRunGoesOn) {
    const EndEvent alone = train(longRun());
    RunControl control;
    const EndEvent stopped = trainRun(
        m_workshop, longRun(),
        [&](const RunEvent& event) {
            if (stepIs(4)(event))
                control.stop();
        },
        {}, control);
    EXPECT_EQ(stopped.outcome, RunOutcome::Stopped);
    EXPECT_TRUE(stopped.adapter);
    EXPECT_EQ(adapterBytes(resume(stopped.run)), adapterBytes(alone));
}

TEST_F(ResumeJob, SaveNowWritesACheckpointAndGoesOn) {
    RunConfig config = smallRun();
    RunControl control;
    m_events.clear();
    const EndEvent end = trainRun(
        m_workshop, config,
        [&](const RunEvent& event) {
            m_events.push_back(event);
            if (stepIs(2)(event))
                control.saveNow();
        },
        {}, control);
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    ASSERT_EQ(eventsOf<CheckpointEvent>().size(), 1u);
    EXPECT_EQ(eventsOf<CheckpointEvent>()[0].step, 2);
}

TEST_F(ResumeJob, OfAFinishedRunTheEndIsToldAgain) {
    const EndEvent first = train(smallRun());
    const std::string before = recorded(first.run);
    const EndEvent again = resume(first.run);
    EXPECT_EQ(again.outcome, RunOutcome::Finished);
    EXPECT_EQ(again.adapter, first.adapter);
    EXPECT_EQ(again.peak, first.peak);
    EXPECT_EQ(again.seconds, first.seconds);
    EXPECT_EQ(again.steps, 3);
    ASSERT_EQ(m_events.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<EndEvent>(m_events[0]));
    EXPECT_EQ(recorded(first.run), before);
}

TEST_F(ResumeJob, GoesOnFromTheCheckpointThatIsNamed) {
    RunConfig config = longRun();
    config.training.saveTotalLimit.reset();
    const EndEvent first = train(config);
    const std::string bytes = adapterBytes(first), records = recorded(first.run);
    EXPECT_THAT(errorOfResuming(first.run, {.checkpoint = 5, .lock = {}}),
                AllOf(HasSubstr("not_found"), HasSubstr("step 5"), HasSubstr("3, ")));
    const EndEvent again = resume(first.run, {.checkpoint = 3, .lock = {}});
    EXPECT_EQ(eventsOf<StartEvent>().at(0).resumedFrom, 3);
    EXPECT_EQ(adapterBytes(again), bytes);
    EXPECT_EQ(recorded(first.run), records);
}

TEST_F(ResumeJob, ARunThatIsAliveIsRefused) {
    const std::string id = trainAndKill(longRun(), stepIs(4));
    const RunLock lock(m_workshop.folder().run(id));
    EXPECT_THAT(errorOfResuming(id), AllOf(HasSubstr("busy"), HasSubstr(id)));
    EXPECT_THAT(errorOfResuming("01kag0000000000000000000v9"), HasSubstr("not_found"));
}

TEST_F(ResumeJob, ADamagedCheckpointIsPassedOverWithAWarning) {
    const EndEvent alone = train(longRun());
    const std::string id = trainAndKill(longRun(), stepIs(7));
    const fs::path damaged = checkpoint(id, 6) / "optimizer.safetensors";
    std::fstream file(damaged, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(-1, std::ios::end);
    file << 'x';
    file.close();
    EXPECT_THAT(errorOfResuming(id, {.checkpoint = 6, .lock = {}}),
                AllOf(HasSubstr("bad_file"), HasSubstr(damaged.string())));
    const EndEvent end = resume(id);
    EXPECT_LT(eventsOf<StartEvent>().at(0).resumedFrom, 6);
    const auto warnings = eventsOf<WarningEvent>();
    ASSERT_GE(warnings.size(), 1u);
    EXPECT_THAT(warnings[0].text, AllOf(HasSubstr("step 6"), HasSubstr(damaged.string())));
    EXPECT_EQ(adapterBytes(end), adapterBytes(alone));
}

TEST_F(ResumeJob, OtherRowsThanBeforeAreRefusedWithWhatDiffers) {
    const std::string id = trainAndKill(longRun(), stepIs(5));
    const std::string before = recorded(id);
    const std::string rows = longRun().data.train;
    std::ofstream(rows, std::ios::app) << R"({"prompt": "What is gold?", "completion": "A ring."})" << '\n';
    EXPECT_THAT(errorOfResuming(id),
                AllOf(HasSubstr("bad_config"), HasSubstr("data.train"), HasSubstr("5 rows"), HasSubstr("6 rows")));
    EXPECT_EQ(recorded(id), before);
    EXPECT_EQ(m_workshop.runs().get(id).state, RunState::Interrupted);
}

TEST_F(ResumeJob, ACheckpointOfAnotherRunIsRefused) {
    const std::string first = trainAndKill(longRun(), stepIs(7));
    const std::string second = trainAndKill(longRun(), stepIs(1));
    fs::create_directories(checkpoint(second, 6).parent_path());
    fs::copy(checkpoint(first, 6), checkpoint(second, 6), fs::copy_options::recursive);
    EXPECT_THAT(errorOfResuming(second), AllOf(HasSubstr("bad_config"), HasSubstr(first), HasSubstr(second)));
}

TEST_F(ResumeJob, AQueuedRunBeginsWhenItsTurnComes) {
    RunStore& store = m_workshop.runs();
    const RunConfig config = smallRun();
    const std::string id =
        store.createQueued({"waits", config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
    std::optional<TakenRun> taken = store.takeFirst();
    ASSERT_TRUE(taken);
    const EndEvent end = resume(taken->id, {.checkpoint = {}, .lock = std::move(taken->lock)});
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    EXPECT_TRUE(store.queue().empty());
    EXPECT_EQ(store.get(id).state, RunState::Finished);
}

TEST_F(ResumeJob, AQueuedRunThatIsTakenOutWhileItIsOpenedDoesNotBegin) {
    RunStore& store = m_workshop.runs();
    const RunConfig config = smallRun();
    const std::string id =
        store.createQueued({"waits", config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
    RunControl control;
    m_events.clear();
    const auto takeOut = [&](const JobProgress&) { store.dequeue(id); };
    EXPECT_THROW(
        try {
            resumeRun(
                m_workshop, id, [&](const RunEvent& event) { m_events.push_back(event); }, takeOut, control);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Cancelled);
            throw;
        },
        Error);
    EXPECT_EQ(store.get(id).state, RunState::Created);
    EXPECT_TRUE(m_events.empty()) << "it has no end, since it never began";
}

TEST_F(ResumeJob, AQueuedRunIsHeldToTheMemoryThatIsFreeWhenItsTurnComes) {
    RunStore& store = m_workshop.runs();
    RunConfig config = smallRun();
    config.lora.rank = 65536;
    std::string rows;
    for (int row = 0; row < 4000; ++row)
        rows += R"({"prompt": "What is blue?", "completion": ")" + std::string(200, 'a') + "\"}\n";
    config.data.train = writeRows("many.jsonl", rows);
    config.training.batchSize = 4000;
    config.training.gradientCheckpointing = false;
    const std::string id =
        store.createQueued({"large", config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
    EXPECT_THAT(errorOfResuming(id), AllOf(HasSubstr("out_of_memory"), HasSubstr("free")));
    EXPECT_EQ(store.get(id).state, RunState::Queued);
}

TEST_F(ResumeJob, ALostTailOfTheDatabaseComesBackFromTheCheckpoint) {
    const EndEvent alone = train(longRun());
    const std::string id = trainAndKill(longRun(), stepIs(7));
    m_workshop.runs().rewind(id, 2);
    const EndEvent end = resume(id);
    EXPECT_EQ(eventsOf<StartEvent>().at(0).resumedFrom, 6);
    EXPECT_EQ(recorded(id), recorded(alone.run));
    EXPECT_EQ(adapterBytes(end), adapterBytes(alone));
}

TEST_F(ResumeJob, AFullDiskPausesTheRunWhichGoesOnLater) {
    const EndEvent alone = train(longRun());
    setFileFaultHook([](FileOperation operation, const fs::path& path) {
        const bool isSixth = path.string().find("step-6") != std::string::npos;
        return operation == FileOperation::Write && isSixth ? ENOSPC : 0;
    });
    const EndEvent paused = train(longRun());
    setFileFaultHook({});
    EXPECT_EQ(paused.outcome, RunOutcome::Paused);
    EXPECT_THAT(paused.reason, AllOf(HasSubstr("disk is full"), HasSubstr("resume")));
    EXPECT_EQ(m_workshop.runs().get(paused.run).state, RunState::Paused);
    EXPECT_FALSE(fs::exists(checkpoint(paused.run, 6)));
    const EndEvent end = resume(paused.run);
    EXPECT_EQ(adapterBytes(end), adapterBytes(alone));
    EXPECT_EQ(recorded(paused.run), recorded(alone.run));
}

TEST_F(ResumeJob, TheKernelsOfTheBeginningAreUsedAgainOrMissed) {
    RunConfig config = longRun();
    config.kernels = "portable";
    const std::string id = trainAndKill(config, stepIs(4));
    resume(id);
    EXPECT_EQ(eventsOf<StartEvent>().at(0).kernels, "portable");
    const std::string third = trainAndKill(config, stepIs(4));
    for (const int64_t step : {2, 3}) { // the best and the last that was due
        const fs::path file = checkpoint(third, step) / "state.json";
        if (!fs::exists(file))
            continue;
        nlohmann::json state = nlohmann::json::parse(readTextFile(file));
        ASSERT_EQ(state.at("kernels"), "portable");
        state["kernels"] = "sve2";
        writeFileAtomically(file, state.dump());
        fs::remove(file.parent_path() / kManifestFile);
        writeManifest(file.parent_path(), step);
    }
    EXPECT_THAT(errorOfResuming(third), AllOf(HasSubstr("bad_config"), HasSubstr("sve2"), HasSubstr("init_from")));
    RunStore& store = m_workshop.runs();
    const std::string other =
        store.create({"other", config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
    store.start(other, {.kernels = "sve2", .totalSteps = {}});
    EXPECT_EQ(resume(other).outcome, RunOutcome::Finished) << "nothing is left that others would have computed";
}

TEST_F(ResumeJob, ARunOverAFileOfManyBlocksizesGoesOn) {
    QuantizeRequest request{modelPath(), m_folder / "mixed", {}, 1};
    request.choosesBlocksizes = true;
    quantizeModel(request);
    RunConfig config = longRun();
    config.model = m_folder / "mixed";
    config.quantization = {QuantType::None, 64, true, std::nullopt};
    const EndEvent alone = train(config);
    const std::string id = trainAndKill(config, stepIs(4));
    EXPECT_EQ(adapterBytes(resume(id)), adapterBytes(alone));
    EXPECT_EQ(recorded(id), recorded(alone.run));
}

TEST_F(ResumeJob, WarningsOfTheStartAreRecordedOnce) {
    RunConfig config = longRun();
    config.data.train = writeRows("odd.jsonl", R"({"prompt": "What is blue?", "completion": "The sky, the sky."}
{"prompt": "What is green?"}
{"prompt": "What is red?", "completion": "A rose."}
{"prompt": "What is white?", "completion": "Snow."}
)");
    const std::string id = trainAndKill(config, stepIs(4));
    resume(id);
    EXPECT_EQ(m_workshop.runs().warnings(id).size(), 1u);
    EXPECT_EQ(eventsOf<WarningEvent>().size(), 1u);
}

class ResumeChosen : public ResumeJob {
protected:
    RunConfig longRun() {
        RunConfig config = ResumeJob::longRun();
        const BitsRange possible = possibleBits(readModelConfig(config.model), QuantizationSpec());
        config.quantization.blocksize.reset();
        config.quantization.bitsPerParameter = 0.5 * (possible.low + possible.high);
        return config;
    }
    fs::path recordOf(const std::string& id) { return m_workshop.folder().run(id) / "blocksizes.json"; }
};

TEST_F(ResumeChosen, ARunOverChosenBlocksizesEndsInTheBytesOfOneLeftAlone) {
    const EndEvent alone = train(longRun());
    const std::optional<TrainedOver> over = readTrainedOver(*alone.adapter);
    ASSERT_TRUE(over);
    EXPECT_GT(std::set<int>(over->blocksizes.begin(), over->blocksizes.end()).size(), 1u);
    EXPECT_NE(adapterBytes(alone), adapterBytes(train(ResumeJob::longRun())));
    for (const int64_t step : {1, 4}) {
        const std::string id = trainAndKill(longRun(), stepIs(step));
        EXPECT_EQ(readTextFile(recordOf(id)), readTextFile(recordOf(alone.run)));
        EXPECT_EQ(adapterBytes(resume(id)), adapterBytes(alone)) << "killed at step " << step;
    }
}

TEST_F(ResumeChosen, WhatWasChosenFirstIsUsedHoweverOneWouldChooseNow) {
    const RunConfig config = longRun();
    const EndEvent alone = train(config);
    RunStore& store = m_workshop.runs();
    const auto queued = [&](const Blocksizes& blocksizes) {
        const std::string id =
            store.create({"chosen", config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
        recordBlocksizes(m_workshop.folder().run(id), config, blocksizes);
        return id;
    };
    const Blocksizes chosen = readTrainedOver(*alone.adapter)->blocksizes;
    EXPECT_EQ(adapterBytes(resume(queued(chosen))), adapterBytes(alone));
    const Blocksizes others(chosen.size(), 4096);
    const EndEvent other = resume(queued(others));
    EXPECT_EQ(readTrainedOver(*other.adapter)->blocksizes, others);
    EXPECT_NE(adapterBytes(other), adapterBytes(alone));
}

TEST_F(ResumeChosen, ADamagedRecordOrOneThatDoesNotFitIsRefused) {
    const std::string id = trainAndKill(longRun(), stepIs(5));
    const std::string whole = readTextFile(recordOf(id));
    nlohmann::json json = nlohmann::json::parse(whole);
    const auto errorWith = [&](const std::string& text) {
        std::ofstream(recordOf(id)) << text;
        return errorOfResuming(id);
    };
    EXPECT_THAT(errorWith(whole.substr(0, whole.size() / 2)),
                AllOf(HasSubstr("bad_file"), HasSubstr("blocksizes.json")));
    EXPECT_THAT(errorWith("{}"), AllOf(HasSubstr("bad_file"), HasSubstr("no blocksizes")));
    json["bits_per_parameter"] = 99;
    EXPECT_THAT(errorWith(json.dump()), AllOf(HasSubstr("bad_file"), HasSubstr("another quantization")));
    json = nlohmann::json::parse(whole);
    for (auto& [path, blocksize] : json["blocksizes"].items())
        blocksize = 4096;
    EXPECT_THAT(errorWith(json.dump()), AllOf(HasSubstr("bad_config"), HasSubstr("other blocksizes")));
    fs::remove(recordOf(id)); // the same is chosen again
    EXPECT_EQ(adapterBytes(resume(id)), adapterBytes(train(longRun())));
}

TEST_F(ResumeChosen, TheEstimateOfTheWeightsIsNearTheLedgersBeforeAnythingIsMeasured) {
    const RunConfig config = longRun();
    const EndEvent end = train(config);
    const MemoryByTag estimate = estimateRun(m_workshop, config).peak;
    const MemoryByTag told = eventsOf<StartEvent>().at(0).estimate;
    EXPECT_EQ(told[MemoryTag::QuantState], end.peak[MemoryTag::QuantState]) << "exact, once it is chosen";
    EXPECT_EQ(told[MemoryTag::Weights], end.peak[MemoryTag::Weights]);
    EXPECT_EQ(estimate[MemoryTag::Weights], end.peak[MemoryTag::Weights]);
    EXPECT_NEAR(double(estimate[MemoryTag::QuantState]), double(end.peak[MemoryTag::QuantState]),
                0.02 * double(end.peak[MemoryTag::QuantState]));
}

} // namespace
} // namespace lorikeet
