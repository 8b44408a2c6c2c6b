// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;

using TextCommands = CliTest;

TEST_F(TextCommands, TokenizeAndBackGivesTheText) {
    const std::string text = "Grüße, world!\n\tTwo lines <|im_end|>";
    const ChildResult ids = run({"tokenize", modelPath(), "--no-special"}, text);
    ASSERT_EQ(ids.exitCode, 0) << ids.err;
    EXPECT_TRUE(jsonLines(ids.out).at(0).is_array());
    EXPECT_EQ(run({"tokenize", modelPath(), "--decode"}, ids.out).out, text);
    const ChildResult plain = run({"tokenize", modelPath(), "--no-special", "--plain"}, text);
    EXPECT_GT(jsonLines(plain.out).at(0).size(), jsonLines(ids.out).at(0).size());
    EXPECT_EQ(run({"tokenize", modelPath(), "--decode"}, plain.out).out, text);
}

TEST_F(TextCommands, DecodingRefusesWhatIsNoListOfIds) {
    for (const char* input : {"", "{}", "[1, -1]", "[1.5]", "[1", "[99999]", "[\"a\"]"}) {
        const ChildResult result = run({"tokenize", modelPath(), "--decode", "--json"}, input);
        EXPECT_EQ(result.exitCode, 1) << input;
        EXPECT_NE(errorCodeOf(result), "internal") << input;
    }
}

TEST_F(TextCommands, RenderAppliesTheChatTemplate) {
    const std::string messages = writeFile("messages.json", R"([{"role": "user", "content": "Hi"}])");
    EXPECT_EQ(run({"render", modelPath(), messages}).out, "<|im_start|>user\nHi<|im_end|>\n");
    EXPECT_EQ(run({"render", modelPath(), messages, "--generation-prompt"}).out,
              "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
}

TEST_F(TextCommands, ScoreGivesTheProbabilityOfEveryTokenButTheFirst) {
    const ChildResult result = run({"score", modelPath(), "--tokens", writeFile("ids", "[42, 71, 78, 275]"), "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const Json line = jsonLines(result.out).at(0);
    EXPECT_THAT(keysOf(line), ElementsAre("tokens", "log_probabilities", "mean_nll", "perplexity"));
    EXPECT_EQ(line["tokens"], 4);
    ASSERT_EQ(line["log_probabilities"].size(), 3u);
    double sum = 0;
    for (const double value : line["log_probabilities"])
        sum += value;
    EXPECT_NEAR(line["mean_nll"], -sum / 3, 1e-6);
    EXPECT_NEAR(line["perplexity"], std::exp(-sum / 3), 1e-3);
}

TEST_F(TextCommands, GenerateStreamsAndEndsWithTheWholeText) {
    const std::vector<std::string> words{
        "generate", modelPath(), "--prompt", "What is blue?", "--max-new-tokens", "12", "--json", "--temperature",
        "1",        "--seed",    "3"};
    const ChildResult result = run(words);
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const std::vector<Json> lines = jsonLines(result.out);
    std::string text;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        EXPECT_THAT(keysOf(lines[i]), ElementsAre("event", "text"));
        text += lines[i]["text"];
    }
    const Json& end = lines.back();
    EXPECT_THAT(keysOf(end),
                ElementsAre("event", "text", "tokens", "stop", "prompt_tokens_per_second", "tokens_per_second"));
    EXPECT_EQ(end["text"], text);
    EXPECT_EQ(jsonLines(run(words).out).back()["text"], text);
    std::vector<std::string> otherSeed = words;
    otherSeed.back() = "4";
    EXPECT_NE(jsonLines(run(otherSeed).out).back()["text"], text);
}

TEST_F(TextCommands, NumbersOutOfRangeAreRefusedBeforeTheModelIsLookedFor) {
    for (const char* command : {"generate", "chat"})
        for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"--temperature", "-1"},
                                                                                           {"--temperature", "nan"},
                                                                                           {"--top-p", "0"},
                                                                                           {"--top-p", "1.5"},
                                                                                           {"--seed", "-3"},
                                                                                           {"--max-new-tokens", "0"}}) {
            std::vector<std::string> all{command, "no-such-model"};
            if (all[0] == "generate")
                all.insert(all.end(), {"--prompt", "x"});
            all.insert(all.end(), words.begin(), words.end());
            EXPECT_EQ(run(all).exitCode, 2) << command << " " << words[0] << " " << words[1];
        }
}

TEST_F(TextCommands, GenerateQuantizesWithDoubleQuantizationUnlessToldOtherwise) {
    const auto text = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words{"generate",      modelPath(),        "--raw", "--prompt",
                                       "What is blue?", "--max-new-tokens", "8",     "--json"};
        words.insert(words.end(), more.begin(), more.end());
        const ChildResult result = run(words);
        EXPECT_EQ(result.exitCode, 0) << result.err;
        return jsonLines(result.out).back()["text"].get<std::string>();
    };
    EXPECT_EQ(text({}), text({"--quantization", "nf4", "--blocksize", "64", "--double-quant"}));
    EXPECT_EQ(run({"generate", modelPath(), "--prompt", "x", "--double-quant", "--no-double-quant"}).exitCode, 2);
}

TEST_F(TextCommands, EstimateNamesThePeakAndTheDevice) {
    const ChildResult result = run({"estimate", writeRun(), "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const Json line = jsonLines(result.out).at(0);
    EXPECT_EQ(line["fits"], true);
    EXPECT_EQ(line["device"], "cpu");
    EXPECT_GT(line["peak"]["total"], line["peak"]["activations"]);
    EXPECT_EQ(run({"estimate"}).exitCode, 2);
}

/// The paper's figure holds more for the small models than their weights at 4.127 bits, adapters, gradients, optimizer
/// and activations come to; what it is, the paper does not say, and nothing is added for it here.
TEST_F(TextCommands, TheTableOfModelsIsNearThePapersFigures) {
    const std::vector<Json> rows = jsonLines(run({"estimate", "--table", "--json"}).out);
    ASSERT_EQ(rows.size(), 5u);
    const std::vector<double> shares = {0.87, 0.93, 0.96, 1.0};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Json& row = rows[i];
        const Json& totals = row["totals"];
        double sum = 0.0;
        for (const auto& [tag, bytes] : row["peak"].items())
            sum += tag == "total" ? 0.0 : bytes.get<double>();
        EXPECT_EQ(totals["adamw_32bit"].get<double>(), sum);
        EXPECT_EQ(totals.size(), 4u);
        EXPECT_LT(totals["paged_adamw_8bit"], totals["adamw_8bit"]);
        EXPECT_LT(totals["adamw_8bit"], row["bfloat16_adapters"]);
        EXPECT_LT(row["bfloat16_adapters"], totals["adamw_32bit"]);
        if (i == shares.size()) // younger than the paper
            continue;
        EXPECT_NEAR(row["bfloat16_adapters"].get<double>() / row["paper"].get<double>(), shares[i], 0.01)
            << row["model"];
    }
    EXPECT_TRUE(rows[4]["paper"].is_null());
    EXPECT_EQ(rows[0]["devices"]["8"], "adamw_32bit");
    EXPECT_EQ(rows[3]["devices"]["48"], "adamw_32bit");
    EXPECT_TRUE(rows[3]["devices"]["24"].is_null());
    EXPECT_EQ(rows[3]["devices"].size(), 6u);
    const std::string text = run({"estimate", "--table"}).out;
    EXPECT_NE(text.find("70B"), std::string::npos);
    EXPECT_NE(text.find("48 GB"), std::string::npos);
}

TEST_F(TextCommands, DevicesMeasuresWhatComputes) {
    const Json devices = jsonLines(run({"devices", "--kernels", "portable", "--json"}).out).at(0);
    ASSERT_EQ(devices.size(), 1u);
    EXPECT_EQ(devices[0]["kernels"], "portable");
    EXPECT_GT(devices[0]["memory"], 0);
    EXPECT_GT(devices[0]["peak"]["float32"], 0.0);
    EXPECT_GT(devices[0]["peak"]["bfloat16"], 0.0);
}

} // namespace
} // namespace lorikeet
