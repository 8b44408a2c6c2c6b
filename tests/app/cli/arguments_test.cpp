// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Arguments = CliTest;

TEST_F(Arguments, HelpOfEveryCommandHasAnExample) {
    for (const char* command : {"quickstart", "devices", "tokenize", "render", "score", "estimate", "train", "generate",
                                "chat", "models", "datasets", "runs", "quantize", "study"}) {
        const ChildResult help = run({command, "--help"});
        EXPECT_EQ(help.exitCode, 0) << command;
        EXPECT_THAT(help.out, AllOf(HasSubstr("Example:"), HasSubstr("lorikeet-cli " + std::string(command))));
    }
    for (const char* command : {"list", "show", "metrics", "delete"})
        EXPECT_THAT(run({"runs", command, "--help"}).out, HasSubstr("Example:")) << command;
    for (const char* command : {"list", "add", "inspect", "remove"})
        EXPECT_THAT(run({"models", command, "--help"}).out, HasSubstr("Example:")) << command;
}

TEST_F(Arguments, AnUnknownWordIsNamedWithTheNearestKnownOne) {
    const ChildResult command = run({"trainx", "--json"});
    EXPECT_EQ(command.exitCode, 2);
    EXPECT_EQ(errorCodeOf(command), "bad_arguments");
    EXPECT_THAT(errorMessageOf(command), HasSubstr("unknown command \"trainx\" (did you mean train?)"));
    const ChildResult option = run({"generate", modelPath(), "--promt=x", "--json"});
    EXPECT_EQ(option.exitCode, 2);
    EXPECT_THAT(errorMessageOf(option), HasSubstr("unknown option \"--promt\" (did you mean --prompt?)"));
    const ChildResult inner = run({"runs", "lst", "--json"});
    EXPECT_EQ(inner.exitCode, 2);
    EXPECT_THAT(errorMessageOf(inner), HasSubstr("unknown command \"lst\" (did you mean list?)"));
}

TEST_F(Arguments, WithoutACommandNothingStandsOnStdout) {
    const ChildResult result = run({});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err, "");
    EXPECT_EQ(run({"tokenize", modelPath(), "--threads", "many"}).exitCode, 2);
    EXPECT_EQ(run({"devices", "--device", "cuda:0"}).exitCode, 2);
}

TEST_F(Arguments, AnUnknownKeyOfARunIsNamedWithTheNearestKnownOne) {
    const ChildResult file = run({"train", writeRun({{"training", {{"max_step", 3}}}}), "--json"});
    EXPECT_EQ(file.exitCode, 2);
    EXPECT_EQ(errorCodeOf(file), "bad_config");
    EXPECT_THAT(errorMessageOf(file),
                AllOf(HasSubstr("run.json"), HasSubstr("\"training.max_step\""), HasSubstr("did you mean max_steps?")));
    const ChildResult word = run({"train", writeRun(), "--set", "lora.rank=4", "--json"});
    EXPECT_EQ(word.exitCode, 2);
    EXPECT_THAT(errorMessageOf(word), HasSubstr("\"lora.rank\""));
}

TEST_F(Arguments, WhatIsNotBuiltIsRefusedAsSuch) {
    const ChildResult result = run({"train", writeRun(), "--set", "data.share_prefixes=true", "--json"});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_EQ(errorCodeOf(result), "not_built");
    EXPECT_EQ(jsonLines(run({"runs", "list", "--json"}).out)[0], Json::array());
}

TEST_F(Arguments, AMissingModelFails) {
    const std::string text = writeFile("text", "words");
    const std::vector<std::vector<std::string>> commands{{"tokenize", "absent"},
                                                         {"score", "absent", "--text", text},
                                                         {"generate", "absent", "--prompt", "x"},
                                                         {"models", "inspect", "absent"},
                                                         {"train", writeRun(), "--set", "model=absent"}};
    for (std::vector<std::string> words : commands) {
        words.push_back("--json");
        const ChildResult result = run(words);
        EXPECT_EQ(result.exitCode, 1) << words[0];
        EXPECT_EQ(errorCodeOf(result), "not_found") << words[0];
        EXPECT_THAT(errorMessageOf(result), HasSubstr("\"absent\"")) << words[0];
    }
}

TEST_F(Arguments, ABadRowIsNamedByItsFileAndLine) {
    const std::string rows =
        writeFile("bad.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \"a\", \"completion\n");
    const ChildResult result = run({"train", writeRun({{"data", {{"train", rows}}}}), "--json"});
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_EQ(errorCodeOf(result), "bad_file");
    EXPECT_THAT(errorMessageOf(result), AllOf(HasSubstr("bad.jsonl"), HasSubstr("line 2")));
}

} // namespace
} // namespace lorikeet
