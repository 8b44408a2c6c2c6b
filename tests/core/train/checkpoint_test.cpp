// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint.h"

#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/checkpoint_manifest.h"
#include "tests/core/train/checkpoint_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// What a save does to a run's folder, failed at each of its operations.
TEST_F(CheckpointTest, WhereverASaveFailsTheOldOrTheNewOneLoads) {
    makeTwo();
    TinyRun run = makeRun(savingConfig(3));
    const Checkpoint last = CheckpointShelf(m_folder.path(), {}).at(2, "tiny");
    Optimizer optimizer(run.context(), run.adapter().parameters(), savingConfig(3).training, {});
    restoreCheckpoint(run.context(), last, run.base().config(), run.adapter(), optimizer);
    TrainingState state = last.state;
    state.step = 3;
    const TrainedOver trainedOver;
    const ModelTexts noTexts; // it is an adapter
    int64_t count = 0, failing = -1;
    int fault = 0;
    FileOperation failed = FileOperation::Open;
    const auto save = [&] {
        count = 0;
        CheckpointShelf shelf(m_folder.path(), 2);
        shelf.goOnFrom(2);
        setFileFaultHook([&](FileOperation operation, const fs::path&) {
            if (operation == FileOperation::Open || count++ != failing)
                return 0;
            failed = operation;
            return operation == FileOperation::Read ? EIO : fault;
        });
        const auto error = [&]() -> std::optional<Error> {
            try {
                shelf.save(
                    {run.context(), run.adapter(), optimizer, trainedOver, noTexts, last.identity, state, last.history},
                    {});
                return std::nullopt;
            } catch (const Error& failure) {
                return failure;
            }
        }();
        setFileFaultHook({});
        return error;
    };
    EXPECT_FALSE(save());
    EXPECT_THAT(CheckpointShelf(m_folder.path(), {}).steps(), testing::ElementsAre(2, 3));
    const int64_t operations = count;
    EXPECT_GT(operations, 20);
    for (failing = 0; failing < operations; ++failing)
        for (const int kind : {EIO, ENOSPC}) {
            fault = kind;
            const std::optional<Error> error = save();
            ASSERT_TRUE(error) << "operation " << failing;
            ASSERT_EQ(count, failing + 1) << "it goes on after a failure";
            EXPECT_EQ(error->code(), ErrorCode::Io) << error->message();
            EXPECT_EQ(isDiskFull(*error), kind == ENOSPC && failed != FileOperation::Read) << error->message();
            EXPECT_FALSE(fs::exists(m_folder / "checkpoints" / "step-3.tmp"));
            std::vector<std::string> warnings;
            const auto warn = [&](const std::string& text) { warnings.push_back(text); };
            EXPECT_GE(CheckpointShelf(m_folder.path(), {}).newest("tiny", warn)->state.step, 2);
            EXPECT_THAT(warnings, testing::IsEmpty()) << "operation " << failing;
        }
}

/// What the run makes of it, at the first, the last and some other operations of its third save.
TEST_F(CheckpointTest, AFullDiskPausesARunAndAnotherFailureIsAWarning) {
    const RunConfig config = savingConfig(4);
    int64_t count = 0, failing = -1;
    int fault = 0;
    const auto runInto = [&](const fs::path& folder) {
        TinyRun run = makeRun(config);
        bool isSaving = false;
        run.listener = [&](const RunEvent& event) {
            if (const auto* one = std::get_if<StepEvent>(&event))
                isSaving = one->step == 3;
        };
        count = 0;
        setFileFaultHook([&](FileOperation operation, const fs::path&) {
            if (!isSaving || operation == FileOperation::Open || operation == FileOperation::Read)
                return 0;
            return count++ == failing ? fault : 0;
        });
        const EndEvent end = run.train(folder);
        setFileFaultHook({});
        EXPECT_EQ(run.eventsOf<WarningEvent>().size(), failing < 0 ? 0u : 1u);
        return end;
    };
    const TemporaryFolder whole;
    EXPECT_EQ(runInto(whole.path()).outcome, RunOutcome::Finished);
    const std::string adapter = readTextFile(whole / "adapter" / "adapter_model.safetensors");
    const int64_t operations = count;
    for (const int64_t at : {int64_t(0), operations / 2, operations - 1})
        for (const int kind : {EIO, ENOSPC}) {
            failing = at;
            fault = kind;
            const TemporaryFolder folder;
            EXPECT_EQ(runInto(folder.path()).outcome, kind == ENOSPC ? RunOutcome::Paused : RunOutcome::Finished);
            ASSERT_GT(count, failing);
            failing = -1;
            TinyRun later = makeRun(config);
            later.resumes = true;
            later.train(folder.path());
            EXPECT_GE(later.steps().at(0).step, 3) << "operation " << at;
            EXPECT_EQ(readTextFile(folder / "adapter" / "adapter_model.safetensors"), adapter);
        }
}

TEST_F(CheckpointTest, EachDamagedFileIsNamedAndTheOneBeforeIsTaken) {
    makeTwo();
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(step(2)))
        names.push_back(entry.path().filename().string());
    ASSERT_EQ(names.size(), 7u);
    for (const std::string& name : names) {
        const fs::path path = step(2) / name;
        const std::string whole = readTextFile(path);
        std::string flipped = whole;
        flipped[flipped.size() / 2] = char(flipped[flipped.size() / 2] ^ 1);
        for (const std::string& damaged : {std::string(), whole.substr(0, whole.size() - 1), flipped}) {
            std::ofstream(path, std::ios::binary) << damaged;
            // White space and digits of the manifest can be other ones, and say the same or of another file.
            if (name == "manifest.json" && !damaged.empty())
                continue;
            const Error error = errorOf([&] { openCheckpoint(step(2)); });
            EXPECT_EQ(error.code(), ErrorCode::BadFile);
            EXPECT_THAT(error.message(), HasSubstr(path.string()));
        }
        fs::remove(path);
        EXPECT_THAT(errorOf([&] { openCheckpoint(step(2)); }).message(), HasSubstr(path.string()));
        std::ofstream(path, std::ios::binary) << whole;
    }
    EXPECT_EQ(openCheckpoint(step(2)).state.step, 2);
    fs::remove(step(2) / "state.json");
    EXPECT_EQ(resumedStep(), 1);
    ASSERT_EQ(m_warnings.size(), 1u);
    EXPECT_THAT(m_warnings[0], AllOf(HasSubstr("step 2"), HasSubstr("state.json")));
}

TEST_F(CheckpointTest, ANewerFormatIsRefusedNotPassedOver) {
    makeTwo();
    const fs::path manifest = step(2) / "manifest.json";
    std::string text = readTextFile(manifest);
    text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
    std::ofstream(manifest) << text;
    const Error error = errorOf([&] { resumedStep(); });
    EXPECT_EQ(error.code(), ErrorCode::NotBuilt);
    EXPECT_THAT(error.message(), AllOf(HasSubstr(manifest.string()), HasSubstr("newer")));
}

TEST_F(CheckpointTest, ThatOfAnotherConfigurationIsRefusedNamingTheKey) {
    makeTwo();
    RunConfig other = savingConfig(3);
    other.name = "renamed";
    other.training.learningRate = 0.5;
    TinyRun run = makeRun(other);
    run.resumes = true;
    const Error error = errorOf([&] { run.train(m_folder.path()); });
    EXPECT_EQ(error.code(), ErrorCode::BadConfig);
    EXPECT_THAT(error.message(), AllOf(HasSubstr(step(2).string()), HasSubstr("training.learning_rate")));
}

TEST_F(CheckpointTest, AManifestOfAFolderThatCannotBeListedIsAnIoError) {
    const fs::path gone = m_folder / "gone";
    const Error error = errorOf([&] { writeManifest(gone, 1); });
    EXPECT_EQ(error.code(), ErrorCode::Io);
    EXPECT_THAT(error.message(), HasSubstr(gone.string()));
}

TEST_F(CheckpointTest, TheBestIsKeptBesideTheLast) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 12;
    config.every.save = 2;
    config.every.eval = 1;
    config.training.saveTotalLimit = 2;
    TinyRun run = makeRun(config);
    run.evaluates = true;
    run.listener = [&](const RunEvent& event) {
        if (const auto* one = std::get_if<StepEvent>(&event); one && one->step == 6)
            for (const Parameter& parameter : run.adapter().parameters())
                m_backend.fill(run.context(), parameter.value, 2.0f);
    };
    run.train(m_folder.path());
    int64_t best = 0;
    double lowest = INFINITY;
    for (const EvalEvent& event : run.eventsOf<EvalEvent>())
        if (event.loss < lowest) {
            lowest = event.loss;
            best = event.step;
        }
    ASSERT_LT(best, 6) << "it does not become worse";
    EXPECT_EQ(CheckpointShelf(m_folder.path(), 2).steps(), (std::vector<int64_t>{best, 8, 10}));
    EXPECT_EQ(openCheckpoint(step(10)).state.best->step, best);
    EXPECT_EQ(openCheckpoint(step(10)).state.best->loss, lowest);
}

} // namespace
} // namespace lorikeet
