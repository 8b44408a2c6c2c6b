// SPDX-License-Identifier: GPL-3.0-or-later
// What measures models and data: `study`, and the rows that `datasets inspect` lists.
#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Study = CliTest;

TEST_F(Study, GivesThePerplexityThatScoreGives) {
    const std::string text = writeFile("text", "What is blue? The sky is blue.");
    const ChildResult result = run({"study", modelPath(), "--text", text, "--types", "none", "int4", "--blocksizes",
                                    "32", "256", "--compute-dtype", "float32", "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const Json line = jsonLines(result.out).at(0);
    EXPECT_THAT(keysOf(line), ElementsAre("tokens", "window", "cases"));
    ASSERT_EQ(line["cases"].size(), 3u);
    const Json& last = line["cases"][2];
    EXPECT_THAT(keysOf(last), ElementsAre("type", "blocksize", "double_quant", "bits_per_parameter", "relative_error",
                                          "mean_nll", "perplexity"));
    EXPECT_TRUE(line["cases"][0]["blocksize"].is_null());
    const ChildResult score = run({"score", modelPath(), "--text", text, "--quantization", "int4", "--blocksize", "256",
                                   "--double-quant", "--compute-dtype", "float32", "--json"});
    EXPECT_EQ(last["perplexity"], jsonLines(score.out).at(0)["perplexity"]);
    EXPECT_NE(last["perplexity"], line["cases"][1]["perplexity"]);
}

TEST_F(Study, ScoresTheStarterDatasetWhereNoTextIsNamed) {
    const ChildResult result = run({"study", modelPath(), "--types", "none", "--max-tokens", "300", "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    EXPECT_EQ(jsonLines(result.out).at(0)["tokens"], 300);
}

TEST_F(Study, PrintsATableAndRefusesWhatIsNoType) {
    const std::string text = writeFile("text", "What is blue?");
    const ChildResult table = run({"study", modelPath(), "--text", text, "--types", "nf4"});
    ASSERT_EQ(table.exitCode, 0) << table.err;
    EXPECT_THAT(table.out, HasSubstr("PERPLEXITY"));
    EXPECT_THAT(table.out, HasSubstr("nf4"));
    const ChildResult chosen =
        run({"study", modelPath(), "--text", text, "--types", "nf4", "--blocksizes", "64", "auto", "--json"});
    ASSERT_EQ(chosen.exitCode, 0) << chosen.err;
    EXPECT_EQ(jsonLines(chosen.out).at(0)["cases"][1]["blocksize"], "auto");
    EXPECT_EQ(run({"study", modelPath(), "--text", text, "--types", "nf5"}).exitCode, 2);
    EXPECT_EQ(run({"study", modelPath(), "--text", text, "--blocksizes", "48"}).exitCode, 2);
}

TEST_F(Study, DatasetsInspectListsIdsAndMaskOfRows) {
    const std::string rows = writeFile("rows.jsonl", "{\"prompt\":\"a\",\"completion\":\"b\"}\n"
                                                     "{\"prompt\":\"c\",\"completion\":\"\"}\n"
                                                     "{\"prompt\":\"e\",\"completion\":\"f\"}\n");
    const ChildResult result = run({"datasets", "inspect", rows, "--model", modelPath(), "--template", "plain",
                                    "--rows", "2", "--max-length", "2", "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const Json listed = jsonLines(result.out).at(0)["listed"];
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_THAT(keysOf(listed[0]), ElementsAre("row", "ids", "trained", "skipped", "problem"));
    EXPECT_EQ(listed[0]["ids"].size(), 2u); // eos is cut off
    EXPECT_EQ(listed[0]["trained"], Json({0, 1}));
    EXPECT_EQ(listed[0]["skipped"], false);
    const ChildResult all = run({"datasets", "inspect", rows, "--model", modelPath(), "--template", "plain", "--rows",
                                 "9", "--train-on", "all", "--json"});
    EXPECT_EQ(jsonLines(all.out).at(0)["listed"].size(), 3u);
    EXPECT_EQ(jsonLines(all.out).at(0)["listed"][2]["trained"], Json({0, 1, 1}));
    EXPECT_EQ(run({"datasets", "inspect", rows, "--rows", "2", "--json"}).exitCode, 2); // ids need a tokenizer
    EXPECT_EQ(run({"datasets", "inspect", rows, "--format", "letters", "--json"}).exitCode, 2);
}

} // namespace
} // namespace lorikeet
