// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <fmt/format.h>

#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class AutoBlocksize : public CliTest {
protected:
    Json inspected(std::vector<std::string> more = {}) {
        std::vector<std::string> words = {"models", "inspect", modelPath(), "--blocksizes", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return jsonLines(run(words).out).at(0).at("blocksizes");
    }
    Json errorOf(std::vector<std::string> words) {
        words.push_back("--json");
        const ChildResult result = run(words);
        EXPECT_EQ(result.exitCode, 2) << result.out;
        return {errorCodeOf(result), errorMessageOf(result)};
    }
};

TEST_F(AutoBlocksize, IsShownBesideEveryFixedOne) {
    const Json json = inspected();
    EXPECT_THAT(keysOf(json), ElementsAre("bits_per_parameter", "relative_error", "layers", "fixed"));
    ASSERT_EQ(json.at("fixed").size(), 8u);
    EXPECT_EQ(json.at("fixed")[0].at("blocksize"), 32);
    EXPECT_EQ(json.at("fixed")[7].at("blocksize"), 4096);
    const Json& usual = json.at("fixed")[1];
    EXPECT_LE(json.at("bits_per_parameter"), usual.at("bits_per_parameter"));
    EXPECT_LE(json.at("relative_error"), usual.at("relative_error"));
    EXPECT_TRUE(json.at("layers").contains("model.layers.0.self_attn.q_proj"));
    const double most = json.at("fixed")[0].at("bits_per_parameter");
    EXPECT_EQ(inspected({"--bits-per-parameter", Json(most).dump()}).at("relative_error"),
              json.at("fixed")[0].at("relative_error"));
    const std::string text = run({"models", "inspect", modelPath(), "--blocksizes", "--type", "int4"}).out;
    EXPECT_THAT(text, AllOf(HasSubstr("int4 with double quantization"), HasSubstr("\n4096 "), HasSubstr("\nauto ")));
}

TEST_F(AutoBlocksize, QuantizeWritesACheckpointThatTrainsAsItIs) {
    const std::string out = (m_folder / "out").string();
    const ChildResult result = run({"quantize", modelPath(), out, "--blocksize", "auto", "--double-quant", "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const Json line = jsonLines(result.out).at(0);
    EXPECT_EQ(line.at("blocksize"), "auto");
    EXPECT_EQ(line.at("auto"), inspected());
    const std::string file = writeRun({{"model", out}, {"quantization", {{"type", "none"}}}});
    EXPECT_EQ(run({"train", file}).exitCode, 0);
}

TEST_F(AutoBlocksize, ARunOverThemTrainsAndItsAdapterAnswersOverTheSame) {
    const double bits = inspected().at("fixed")[2].at("bits_per_parameter");
    const std::string file = writeRun({{"quantization", {{"blocksize", "auto"}, {"bits_per_parameter", bits}}}});
    const ChildResult estimated = run({"estimate", file, "--json"});
    ASSERT_EQ(estimated.exitCode, 0) << estimated.err;
    const ChildResult trained = run({"train", file, "--json"});
    ASSERT_EQ(trained.exitCode, 0) << trained.err;
    const Json end = jsonLines(trained.out).back();
    const double told = jsonLines(estimated.out).at(0).at("peak").at("quant_state");
    const double actual = end.at("peak").at("quant_state");
    EXPECT_NEAR(told, actual, 0.05 * actual);
    const std::string adapter = end.at("adapter");
    const std::string text = writeFile("text", "What is blue?");
    const auto scored = [&](std::vector<std::string> more) {
        std::vector<std::string> words = {"score", modelPath(), "--adapter", adapter, "--text", text, "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return jsonLines(run(words).out).at(0).at("mean_nll");
    };
    EXPECT_NE(scored({}), scored({"--blocksize", "32"}));
    EXPECT_EQ(run({"generate", modelPath(), "--adapter", adapter, "--prompt", "x", "--max-new-tokens", "2"}).exitCode,
              0);
}

TEST_F(AutoBlocksize, BudgetsAndWordsThatAreNotPossibleAreRefusedBeforeAnythingIsWritten) {
    const std::string out = (m_folder / "out").string();
    const Json highest = inspected().at("fixed")[0].at("bits_per_parameter");
    const std::string shown = fmt::format("{:.4f}", std::floor(1e4 * highest.get<double>()) / 1e4);
    for (const char* bits : {"0", "-3", "4", "40", "nan", "inf", "1e308"}) {
        const Json error = errorOf(
            {"quantize", modelPath(), out, "--double-quant", "--blocksize", "auto", "--bits-per-parameter", bits});
        EXPECT_EQ(error[0], "bad_config") << bits;
        EXPECT_THAT(error[1].get<std::string>(), AllOf(HasSubstr("at least"), HasSubstr("at most " + shown))) << bits;
        EXPECT_FALSE(std::filesystem::exists(out));
    }
    for (const char* size : {"48", "0", "-64", "64k", "Auto", "99999999999"})
        EXPECT_THAT(errorOf({"quantize", modelPath(), out, std::string("--blocksize=") + size})[1].get<std::string>(),
                    HasSubstr("blocksize"))
            << size;
    EXPECT_THAT(errorOf({"quantize", modelPath(), out, "--bits-per-parameter", "5"})[1].get<std::string>(),
                HasSubstr("--blocksize auto"));
    for (const char* command : {"estimate", "train"}) {
        const std::string file = writeRun({{"quantization", {{"blocksize", "auto"}, {"bits_per_parameter", 31.5}}}});
        const Json error = errorOf({command, file});
        EXPECT_EQ(error[0], "bad_config");
        EXPECT_THAT(error[1].get<std::string>(), HasSubstr("at most " + shown));
    }
    EXPECT_EQ(jsonLines(run({"runs", "list", "--json"}).out)[0], Json::array());
}

} // namespace
} // namespace lorikeet
