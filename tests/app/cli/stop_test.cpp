// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include <sys/stat.h>

#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// What Ctrl+C, pipes and pasted lines do.
class Shell : public CliTest {
protected:
    /// The program with a stop that came before it began.
    ChildResult runStopped(const std::string& words) {
        return runShell("exec env --block-signal=INT bash -c 'kill -INT $$; exec '\"$cli\"' " + words + "'");
    }
};

TEST_F(Shell, AStopEndsCommandsThatSaveNothing) {
    const std::string messages = writeFile("messages.json", R"([{"role": "user", "content": "Hi"}])");
    const std::string text = writeFile("text", "What is blue?");
    const std::vector<std::string> commands{"devices --json", "render " + modelPath() + " " + messages + " --json",
                                            "score " + modelPath() + " --text " + text + " --json"};
    for (const std::string& words : commands) {
        const ChildResult result = runStopped(words);
        EXPECT_EQ(result.exitCode, 3) << words << result.err;
        EXPECT_EQ(errorCodeOf(result), "cancelled") << words;
    }
}

TEST_F(Shell, AStopEndsTheWaitForAPipe) {
    const std::filesystem::path pipe = m_folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const ChildResult result = runShell("exec 9<>'" + pipe.string() + "'; $cli render " + modelPath() + " '" +
                                        pipe.string() + "' & sleep 1; kill -TERM $!; wait $!");
    EXPECT_EQ(result.exitCode, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr("stopped while waiting"));
}

TEST_F(Shell, ARunFileMayComeThroughAPipe) {
    const std::string run = writeRun();
    const std::vector<std::string> lines{"$cli estimate <(cat " + run + ") --json",
                                         "cat " + run + " | $cli estimate /dev/stdin --json",
                                         "$cli estimate /dev/stdin --json < " + run};
    for (const std::string& line : lines) {
        const ChildResult result = runShell(line);
        EXPECT_EQ(result.exitCode, 0) << line << result.err;
        EXPECT_TRUE(jsonLines(result.out).at(0).contains("peak")) << line;
    }
    const ChildResult empty = runShell("$cli estimate <(true)");
    EXPECT_EQ(empty.exitCode, 1);
    EXPECT_THAT(empty.err, HasSubstr("nobody writes to"));
}

TEST_F(Shell, WhatIsNoFileIsRefusedByNameWithoutWaiting) {
    const std::filesystem::path model = m_folder / "model";
    std::filesystem::copy(modelPath(), model);
    for (const char* name : {"tokenizer.json", "config.json"}) {
        std::filesystem::remove(model / name);
        ASSERT_EQ(::mkfifo((model / name).c_str(), 0600), 0);
        const ChildResult result = run({"models", "inspect", model.string(), "--json"});
        EXPECT_EQ(result.exitCode, 1) << name;
        EXPECT_THAT(errorMessageOf(result), AllOf(HasSubstr(name), HasSubstr("regular file")));
    }
    const ChildResult rows = run({"datasets", "inspect", (model / "config.json").string(), "--json"});
    EXPECT_EQ(rows.exitCode, 1);
    EXPECT_THAT(errorMessageOf(rows), HasSubstr("config.json"));
    EXPECT_EQ(run({"train", m_folder.path().string()}).exitCode, 1);
}

TEST_F(Shell, TheHintOfTheQuickStartWorksWhenPasted) {
    const std::string data = "'" + (m_folder / "it").string() + R"('\''s my data')";
    const ChildResult start = runShell("cp -r " + modelPath() + " '" + (m_folder / "a model").string() +
                                       "'; $cli quickstart --steps 1 --threads 2 --data-dir " + data + " --model '" +
                                       (m_folder / "a model").string() + "'");
    ASSERT_EQ(start.exitCode, 0) << start.err;
    const std::string mark = "Talk to it:  ";
    ASSERT_THAT(start.out, HasSubstr(mark));
    std::string hint = start.out.substr(start.out.find(mark) + mark.size());
    hint.resize(hint.find('\n'));
    EXPECT_THAT(hint, AllOf(HasSubstr("--data-dir"), HasSubstr("--threads 2")));
    const ChildResult chat = runShell(hint + " < /dev/null");
    EXPECT_EQ(chat.exitCode, 0) << hint << chat.err;
    EXPECT_FALSE(std::filesystem::exists(m_folder / "data")) << "the hint forgot the data folder";
}

} // namespace
} // namespace lorikeet
