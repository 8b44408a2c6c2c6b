// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint.h"

#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/checkpoint_manifest.h"
#include "tests/core/train/training_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// Saves after each step, and keeps all.
RunConfig savingConfig(int64_t steps) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = steps;
    config.every.save = 1;
    config.training.saveTotalLimit.reset();
    return config;
}

class CheckpointTest : public testing::Test {
protected:
    ~CheckpointTest() override { setFileFaultHook({}); }

    TinyRun makeRun(const RunConfig& config) { return TinyRun(m_backend, config); }
    fs::path step(int64_t step) const { return m_folder / "checkpoints" / ("step-" + std::to_string(step)); }
    /// Two checkpoints, of steps 1 and 2.
    void makeTwo() { makeRun(savingConfig(3)).train(m_folder.path()); }
    /// The step after which a run goes on in the folder.
    int64_t resumedStep() {
        TinyRun run = makeRun(savingConfig(3));
        run.resumes = true;
        run.train(m_folder.path());
        m_warnings = run.warnings;
        return run.steps().at(0).step - 1;
    }

    TemporaryFolder m_folder;
    CpuBackend m_backend{1};
    std::vector<std::string> m_warnings;
};

TEST_F(CheckpointTest, WhereverASaveFailsTheOldOrTheNewOneLoads) {
    const RunConfig config = savingConfig(4);
    int64_t count = 0, failing = -1;
    int fault = 0;
    bool isSaving = false;
    // A run whose third save fails at its operation number `failing`.
    const auto runInto = [&](TinyRun& run, const fs::path& folder) {
        run.listener = [&](const RunEvent& event) {
            if (const auto* one = std::get_if<StepEvent>(&event))
                isSaving = one->step == 3;
        };
        count = 0;
        setFileFaultHook([&](FileOperation operation, const fs::path&) {
            if (!isSaving || operation == FileOperation::Open)
                return 0;
            return count++ == failing ? fault : 0;
        });
        const EndEvent end = run.train(folder);
        setFileFaultHook({});
        return end;
    };
    const TemporaryFolder whole;
    TinyRun first = makeRun(config);
    runInto(first, whole.path());
    const int64_t operations = count;
    EXPECT_GT(operations, 20);
    for (failing = 0; failing < operations; ++failing) {
        for (const int kind : {EIO, ENOSPC}) {
            fault = kind;
            const TemporaryFolder folder;
            TinyRun run = makeRun(config);
            const EndEvent end = runInto(run, folder.path());
            ASSERT_GT(count, failing);
            // A full disk pauses the run, another failure is a warning.
            EXPECT_EQ(end.outcome, fault == ENOSPC ? RunOutcome::Paused : RunOutcome::Finished);
            EXPECT_EQ(run.eventsOf<WarningEvent>().size(), 1u);
            EXPECT_FALSE(fs::exists(folder / "checkpoints" / "step-3.tmp"));

            TinyRun later = makeRun(config);
            later.resumes = true;
            later.train(folder.path());
            EXPECT_THAT(later.warnings, testing::IsEmpty());
            EXPECT_GE(later.steps().at(0).step, 3) << "operation " << failing;
            EXPECT_EQ(later.parameterValues(), first.parameterValues());
        }
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

TEST_F(CheckpointTest, AFolderWithoutAManifestIsNone) {
    makeTwo();
    fs::remove(step(1) / "manifest.json");
    fs::remove(step(2) / "manifest.json");
    EXPECT_EQ(resumedStep(), 0);
    EXPECT_EQ(m_warnings.size(), 2u);
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
