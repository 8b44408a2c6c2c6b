// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint_shelf.h"

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
using testing::ElementsAre;
using testing::HasSubstr;

/// What a test throws in place of kill -9.
struct Killed {};

using CheckpointShelfTest = CheckpointTest;

TEST_F(CheckpointShelfTest, ADamagedOneIsSetAsideUntilTheRunHasGotSoFarAgain) {
    makeTwo();
    const fs::path aside = fs::path(step(2)) += ".damaged";
    const fs::path damaged = step(2) / "optimizer.safetensors";
    std::ofstream(damaged, std::ios::binary | std::ios::app) << 'x';
    const std::string bytes = readTextFile(damaged);
    TinyRun run = makeRun(savingConfig(3));
    run.resumes = true;
    bool wasAside = false;
    run.listener = [&](const RunEvent& event) {
        if (const auto* one = std::get_if<StepEvent>(&event); one && one->step == 2) {
            wasAside = readTextFile(aside / "optimizer.safetensors") == bytes;
            EXPECT_THAT(CheckpointShelf(m_folder.path(), {}).steps(), ElementsAre(1));
        }
    };
    run.train(m_folder.path());
    EXPECT_TRUE(wasAside);
    EXPECT_FALSE(fs::exists(aside)) << "there is a good one again";
    EXPECT_THAT(CheckpointShelf(m_folder.path(), {}).steps(), ElementsAre(1, 2));
}

TEST_F(CheckpointShelfTest, WhereNoneIsWholeNothingIsTouched) {
    makeTwo();
    fs::remove(step(1) / "manifest.json");
    fs::remove(step(2) / "state.json");
    const Error error = errorOf([&] { resumedStep(); });
    EXPECT_EQ(error.code(), ErrorCode::BadFile);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("none of its checkpoints is whole"), HasSubstr("--checkpoint 0"),
                                       HasSubstr(step(1).string()), HasSubstr(step(2).string())));
    EXPECT_TRUE(fs::exists(step(1)) && fs::exists(step(2)));
    CheckpointShelf(m_folder.path(), {}).goOnFrom(0);
    EXPECT_TRUE(fs::exists(fs::path(step(1)) += ".damaged"));
    EXPECT_TRUE(fs::exists(fs::path(step(2)) += ".damaged"));
    EXPECT_EQ(resumedStep(), 0) << "it begins again";
}

TEST_F(CheckpointShelfTest, OneThatCannotBeReadIsPassedOver) {
    makeTwo();
    for (const char* name : {"manifest.json", "optimizer.safetensors", "history.jsonl"}) {
        setFileFaultHook([&](FileOperation operation, const fs::path& path) {
            return operation == FileOperation::Read && path == step(2) / name ? EIO : 0;
        });
        std::vector<std::string> warnings;
        CheckpointShelf shelf(m_folder.path(), {});
        const auto warn = [&](const std::string& text) { warnings.push_back(text); };
        EXPECT_EQ(shelf.newest("tiny", warn)->state.step, 1);
        ASSERT_EQ(warnings.size(), 1u);
        EXPECT_THAT(warnings[0], AllOf(HasSubstr("step 2"), HasSubstr(name)));
        EXPECT_EQ(errorOf([&] { shelf.at(2, "tiny"); }).code(), ErrorCode::Io);
        shelf.goOnFrom(1);
        setFileFaultHook({});
        EXPECT_TRUE(fs::exists(fs::path(step(2)) += ".damaged")) << "the disk may give it back";
        fs::rename(fs::path(step(2)) += ".damaged", step(2));
    }
}

TEST_F(CheckpointShelfTest, AReplacementThatWasKilledBringsTheOldOneBack) {
    makeTwo();
    const fs::path fresh = fs::path(step(2)) += ".tmp";
    fs::copy(step(2), fresh);
    int renames = 0;
    setFileFaultHook([&](FileOperation operation, const fs::path&) {
        if (operation == FileOperation::Exchange)
            return EINVAL; // as of a file system that cannot
        if (operation == FileOperation::Rename && ++renames == 2)
            throw Killed();
        return 0;
    });
    EXPECT_THROW(replaceFolder(fresh, step(2)), Killed);
    setFileFaultHook({});
    ASSERT_FALSE(fs::exists(step(2)));
    EXPECT_EQ(resumedStep(), 2);
    EXPECT_THAT(m_warnings, testing::IsEmpty());
    EXPECT_FALSE(fs::exists(fresh));
}

TEST_F(CheckpointShelfTest, ARemovalThatWasKilledBringsNothingBack) {
    makeTwo();
    fs::rename(step(2), fs::path(step(2)) += ".removed");
    EXPECT_EQ(resumedStep(), 1);
    EXPECT_FALSE(fs::exists(fs::path(step(2)) += ".removed"));
}

TEST_F(CheckpointShelfTest, AManifestThatNamesTooLittleIsNone) {
    makeTwo();
    for (const char* name :
         {"adapter_model.safetensors", "adapter_config.json", "optimizer.safetensors", "state.json", "history.jsonl"}) {
        const fs::path elsewhere = m_folder / name;
        fs::rename(step(2) / name, elsewhere);
        writeManifestAnew(2);
        const Error error = errorOf([&] { openCheckpoint(step(2)); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), AllOf(HasSubstr("manifest.json"), HasSubstr(name)));
        fs::rename(elsewhere, step(2) / name);
    }
    writeManifestAnew(2);
    EXPECT_EQ(resumedStep(), 2);
}

TEST_F(CheckpointShelfTest, AFolderThatCannotBeListedIsAnError) {
    makeTwo();
    fs::rename(m_folder / "checkpoints", m_folder / "elsewhere");
    std::ofstream(m_folder / "checkpoints") << "a file";
    EXPECT_EQ(errorOf([&] { resumedStep(); }).code(), ErrorCode::Io);
}

} // namespace
} // namespace lorikeet
