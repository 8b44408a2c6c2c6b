// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <filesystem>

#include <unistd.h>

#include "core/base/files.h"
#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class TrainResume : public CliTest {
protected:
    static std::string adapterBytes(const Json& end) {
        return readTextFile(fs::path(end["adapter"].get<std::string>()) / "adapter_model.safetensors");
    }
    /// A run of many steps that a signal reaches on its way.
    std::string longRun() {
        return writeRun(
            {{"training", {{"max_steps", 120}}}, {"lora", {{"lora_dropout", 0.1}}}, {"every", {{"save", 7}}}});
    }
};

TEST_F(TrainResume, AfterEachSignalARunEndsInTheBytesOfOneLeftAlone) {
    const ChildResult alone = run({"train", longRun(), "--json"});
    ASSERT_EQ(alone.exitCode, 0) << alone.err;
    const std::string bytes = adapterBytes(jsonLines(alone.out).back());
    for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
        const std::unique_ptr<Child> child = start({"train", longRun(), "--json"});
        ASSERT_TRUE(child->waitForOutput("\"step\":9,"));
        child->sendSignal(signal);
        const ChildResult cut = child->wait();
        EXPECT_EQ(cut.exitCode, signal == SIGKILL ? 128 + SIGKILL : 3) << cut.err;
        const std::string id = jsonLines(cut.out.substr(0, cut.out.rfind('\n') + 1)).front()["run"];

        const ChildResult rest = run({"--threads", "1", "train", "--resume", id, "--json"});
        ASSERT_EQ(rest.exitCode, 0) << rest.err;
        const std::vector<Json> lines = jsonLines(rest.out);
        EXPECT_EQ(lines.front()["event"], "start");
        EXPECT_EQ(lines.front()["run"], id);
        const int64_t from = lines.front()["resumed_from"];
        EXPECT_GE(from, 7);
        EXPECT_EQ(lines[1]["step"], from + 1);
        EXPECT_EQ(lines.back()["outcome"], "finished");
        EXPECT_EQ(adapterBytes(lines.back()), bytes);
        EXPECT_EQ(jsonLines(run({"runs", "metrics", id, "--json"}).out).size(), 120u);
    }
}

TEST_F(TrainResume, OfAFinishedRunThereIsOneLineAndOfNoRunAnError) {
    const std::vector<Json> lines = train();
    const std::string id = lines.back()["run"];
    const ChildResult again = run({"train", "--resume", id, "--json"});
    EXPECT_EQ(again.exitCode, 0);
    ASSERT_EQ(jsonLines(again.out).size(), 1u);
    EXPECT_EQ(jsonLines(again.out)[0], lines.back());
    EXPECT_EQ(errorCodeOf(run({"train", "--resume", "nobody", "--json"})), "not_found");
    const std::vector<std::vector<std::string>> wrong{{"train", writeRun(), "--resume", id, "--json"},
                                                      {"train", "--resume", id, "--set", "name=x", "--json"},
                                                      {"train", "--resume", id, "--kernels", "portable", "--json"},
                                                      {"train", writeRun(), "--checkpoint", "3", "--json"}};
    for (const std::vector<std::string>& words : wrong)
        EXPECT_EQ(run(words).exitCode, 2) << words[2];
}

TEST_F(TrainResume, AStoppedRunSaysHowToGoOnAndTheLineWorksWhenPasted) {
    const std::unique_ptr<Child> child = start({"train", longRun()});
    // Without JSON the steps go to stderr, so wait for what the run leaves.
    const fs::path runs = m_folder / "data" / "runs";
    const auto hasSaved = [&] {
        if (!fs::exists(runs))
            return false;
        for (const auto& run : fs::directory_iterator(runs))
            if (fs::exists(run.path() / "checkpoints" / "step-7"))
                return true;
        return false;
    };
    for (int i = 0; i < 6000 && !hasSaved(); ++i)
        usleep(10000);
    child->sendSignal(SIGTERM);
    const ChildResult stopped = child->wait();
    EXPECT_EQ(stopped.exitCode, 3);
    const std::string mark = "Go on with:  ";
    ASSERT_THAT(stopped.err, AllOf(HasSubstr(mark), HasSubstr("Stopped after step")));
    std::string line = stopped.err.substr(stopped.err.find(mark) + mark.size());
    line.resize(line.find('\n'));
    const ChildResult rest = runShell(line);
    EXPECT_EQ(rest.exitCode, 0) << line << rest.err;
    EXPECT_THAT(rest.err, AllOf(HasSubstr("Going on after step"), HasSubstr("the adapter is in")));
}

} // namespace
} // namespace lorikeet
