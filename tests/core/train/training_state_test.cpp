// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_state.h"

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "tests/core/train/checkpoint_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class TrainingStateTest : public CheckpointTest {
protected:
    /// Changes state.json of the newest checkpoint, which stays whole.
    template <typename Change>
    void change(Change&& body) {
        json state = json::parse(readTextFile(step(2) / "state.json"));
        body(state);
        std::ofstream(step(2) / "state.json") << state.dump();
        writeManifestAnew(2);
    }
    /// What a run says that goes on from the checkpoint of step 2.
    Error errorOfGoingOn(Backend& backend, const std::string& model = "") {
        return errorOf([&] {
            openCheckpoint(step(2));
            TinyRun run(backend, savingConfig(3));
            run.modelIdentity = model;
            run.resumes = true;
            run.train(m_folder.path());
            m_warnings = run.warnings;
            if (!m_warnings.empty())
                throw Error(ErrorCode::BadFile, m_warnings.front());
        });
    }
};

TEST_F(TrainingStateTest, NumbersThatNoRunHasAreRefusedByName) {
    makeTwo();
    const std::string whole = readTextFile(step(2) / "state.json");
    const std::vector<std::pair<std::string, std::vector<json>>> hostile = {
        {"/step", {0, -1, 1e300, "2", nullptr, uint64_t(-1)}},
        {"/cursor/epoch", {-1, 3, uint64_t(1) << 63, 0.5}},
        {"/cursor/position", {-1, int64_t(1) << 60, 1e300}},
        {"/samples_drawn", {-1, int64_t(1) << 60, 1.5, 1}},
        {"/total_tokens", {-1, INT64_MAX, 1e19}},
        {"/seconds", {nullptr, "1"}},
        {"/training_seconds", {nullptr}},
        {"/best_evaluation", {7, {{"step", 9}, {"loss", 1.0}}, {{"step", 1}, {"loss", nullptr}}}},
        {"/evaluations_since_best", {-1, 1000}},
        {"/loss_watch/steps", {-1, 1e300}},
        {"/loss_watch/sum", {nullptr, "x"}},
        {"/run_watch/steps", {-5, INT64_MAX}},
        {"/run_watch/means", {7, {1.0, nullptr}}},
        {"/run_watch/told_diverging", {1}},
        {"/pace/steps", {-1}},
        {"/pace/saves/times", {1e30}},
        {"/peak/weights", {-1, INT64_MAX}},
        {"/data/train/rows", {-1}},
        {"/data/train/hash", {1e300, "x"}},
        {"/model", {7}},
        {"/kernels", {{1, 2}}},
    };
    for (const auto& [pointer, values] : hostile)
        for (const json& value : values) {
            change([&](json& state) { state[json::json_pointer(pointer)] = value; });
            const Error error = errorOfGoingOn(m_backend);
            EXPECT_EQ(error.code(), ErrorCode::BadFile) << pointer << " = " << value;
            EXPECT_THAT(error.message(), HasSubstr("step-2")) << pointer << " = " << value;
            std::error_code ignored;
            const auto aside = std::filesystem::path(step(2)) += ".damaged";
            if (std::filesystem::exists(aside)) {
                std::filesystem::remove_all(step(2), ignored);
                std::filesystem::rename(aside, step(2));
            }
            std::ofstream(step(2) / "state.json") << whole;
        }
}

TEST_F(TrainingStateTest, AnotherModelAndOtherKernelsAreRefused) {
    CpuBackend portable(1, "portable");
    TinyRun run(portable, savingConfig(3));
    run.modelIdentity = "0123456789abcdef";
    run.train(m_folder.path());
    const Error replaced = errorOfGoingOn(portable, "fedcba9876543210");
    EXPECT_EQ(replaced.code(), ErrorCode::BadConfig);
    EXPECT_THAT(replaced.message(), AllOf(HasSubstr("replaced"), HasSubstr("0123456789ab"), HasSubstr("fedcba987654"),
                                          HasSubstr("step-2")));
    if (m_backend.kernels() != "portable") {
        const Error other = errorOfGoingOn(m_backend, "0123456789abcdef");
        EXPECT_EQ(other.code(), ErrorCode::BadConfig);
        EXPECT_THAT(other.message(), AllOf(HasSubstr("portable"), HasSubstr(std::string(m_backend.kernels()))));
    }
    // Checkpoints of versions that knew neither.
    change([](json& state) {
        state.erase("model");
        state.erase("kernels");
    });
    EXPECT_EQ(resumedStep(), 2);
}

TEST_F(TrainingStateTest, TheKeyThatDiffersIsNamedWhateverItIs) {
    RunIdentity found{"tiny", savingConfig(3), {}}, wanted = found;
    found.config.lora.rankPattern = {{"", 4}};
    wanted.config.lora.rankPattern = {{"", 8}};
    EXPECT_THAT(errorOf([&] { requireSameRun("here", found, wanted); }).message(),
                HasSubstr("lora.rank_pattern. (4 and 8)"));
    wanted.config.lora.rankPattern = {{"", 4}, {"q_proj", 8}};
    EXPECT_THAT(errorOf([&] { requireSameRun("here", found, wanted); }).message(),
                HasSubstr("lora.rank_pattern.q_proj"));
}

TEST_F(TrainingStateTest, AHistoryMayBeLongerThanAnyRunMakesIt) {
    makeTwo();
    std::string line = readTextFile(step(2) / "history.jsonl");
    line.resize(line.find('\n') + 1);
    std::string block;
    while (block.size() < (std::size_t(1) << 20))
        block += line;
    {
        std::ofstream history(step(2) / "history.jsonl", std::ios::binary);
        for (int i = 0; i < 260; ++i)
            history << block;
    }
    writeManifestAnew(2);
    EXPECT_EQ(openCheckpoint(step(2)).history.size(), 260 * block.size());
}

} // namespace
} // namespace lorikeet
