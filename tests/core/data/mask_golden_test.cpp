// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/sha256.h"
#include "core/data/dataset.h"
#include "core/text/tokenizer.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;

std::string specialText(const Tokenizer& tokenizer, std::optional<TokenId> id) {
    return id ? tokenizer.pieceBytes(*id) : std::string();
}

DataConfig configOf(const json& golden) {
    DataConfig config;
    config.chatTemplate = golden["template"] == "plain" ? TemplateChoice::Plain : TemplateChoice::Auto;
    config.trainOn = golden["train_on"] == "all" ? TrainOn::All : TrainOn::Completions;
    config.maxLength = golden["max_length"];
    if (golden.contains("column"))
        config.columns = {{"text", golden["column"]}};
    return config;
}

/// The row as the script that made the goldens writes it: ids, then the mask; "skipped" where it is.
std::string lineOf(const RowResult& result) {
    if (result.skipped)
        return "skipped";
    std::string ids, mask;
    for (std::size_t i = 0; i < result.example.tokens.size(); ++i) {
        ids += (i ? " " : "") + std::to_string(result.example.tokens[i]);
        mask += result.example.trained[i] ? '1' : '0';
    }
    return ids + "|" + mask;
}

TEST(MaskGolden, RealRowsBecomeTheTokensAndMasksOfTransformers) {
    SKIP_WITHOUT_TEST_DATA("gsm8k");
    std::ifstream file(sourceFile("tests/data/data/masks.json"));
    const json goldens = json::parse(file);
    ASSERT_EQ(goldens.size(), 18u);
    for (const json& golden : goldens) {
        SCOPED_TRACE(golden.dump().substr(0, 200));
        const auto model = sourceFile("tests/data/data") / golden["tokenizer"].get<std::string>();
        const auto tokenizer = loadTokenizer(model);
        const ChatTemplate chatTemplate(findChatTemplate(model).value(), specialText(*tokenizer, tokenizer->bos()),
                                        specialText(*tokenizer, tokenizer->eos()));
        const std::string name = golden["file"];
        const auto rows =
            name.starts_with("here:") ? sourceFile("tests/data/data") / name.substr(5) : testDataFolder() / name;
        const Dataset dataset(rows, configOf(golden), *tokenizer, &chatTemplate);
        std::string lines;
        for (int64_t row = 0; row < golden["rows"].get<int64_t>(); ++row) {
            const std::string line = lineOf(dataset.result(row));
            if (row < int64_t(golden["first"].size())) {
                EXPECT_EQ(line, golden["first"][std::size_t(row)].get<std::string>()) << "row " << row;
            }
            lines += line + "\n";
        }
        Sha256 sum;
        sum.update(std::as_bytes(std::span(lines)));
        EXPECT_EQ(sum.finish(), golden["sha256"].get<std::string>());
    }
}

} // namespace
} // namespace lorikeet
