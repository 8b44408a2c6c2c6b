// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/test_paths.h"

namespace lorikeet {

namespace {

struct Row {
    std::string prompt;
    std::string completion;
};

std::vector<Row> readRows(std::string_view name) {
    std::ifstream file(sourceFile(std::string("resources/starter/").append(name)));
    EXPECT_TRUE(file) << name;
    std::vector<Row> rows;
    for (std::string line; std::getline(file, line);) {
        const nlohmann::json row = nlohmann::json::parse(line);
        EXPECT_EQ(row.size(), 2u) << line;
        rows.push_back({row.at("prompt"), row.at("completion")});
    }
    return rows;
}

std::vector<Row> allRows() {
    std::vector<Row> rows = readRows("train.jsonl");
    const std::vector<Row> heldOut = readRows("heldout.jsonl");
    rows.insert(rows.end(), heldOut.begin(), heldOut.end());
    return rows;
}

/// Letters and digits only, in lower case, so that two spellings of one question compare equal.
std::string bare(std::string_view text) {
    std::string letters;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c))) {
            letters += char(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return letters;
}

constexpr std::string_view kOpening = "Squawk! ";
constexpr std::string_view kTip = "\n— Lorikeet's tip: ";

} // namespace

TEST(StarterData, HasItsNumberOfRows) {
    EXPECT_GE(readRows("train.jsonl").size(), 150u);
    EXPECT_EQ(readRows("heldout.jsonl").size(), 20u);
}

TEST(StarterData, EveryAnswerHasTheManner) {
    for (const Row& row : allRows()) {
        EXPECT_THAT(row.completion, testing::StartsWith(kOpening)) << row.prompt;
        const std::size_t tip = row.completion.find(kTip);
        ASSERT_NE(tip, std::string::npos) << row.prompt;
        EXPECT_EQ(row.completion.find('\n', tip + 1), std::string::npos) << row.prompt;
        EXPECT_EQ(row.completion[tip - 1], '.') << row.prompt;
        EXPECT_EQ(row.completion.back(), '.') << row.prompt;
        EXPECT_GT(tip, kOpening.size() + 20) << row.prompt;
        EXPECT_GT(row.completion.size(), tip + kTip.size() + 15) << row.prompt;
    }
}

TEST(StarterData, AnswersAreShort) {
    for (const Row& row : allRows()) {
        EXPECT_LE(row.completion.size(), 240u) << row.prompt;
        EXPECT_LE(row.prompt.size(), 80u) << row.prompt;
    }
}

TEST(StarterData, NoQuestionAnswerOrTipComesTwice) {
    std::set<std::string> seen;
    for (const Row& row : allRows()) {
        const std::size_t tip = row.completion.find(kTip);
        EXPECT_TRUE(seen.insert(bare(row.prompt)).second) << row.prompt;
        EXPECT_TRUE(seen.insert(bare(row.completion.substr(0, tip))).second) << row.prompt;
        EXPECT_TRUE(seen.insert(bare(row.completion.substr(tip))).second) << row.prompt;
    }
}

TEST(StarterData, TextIsCleanlyWritten) {
    for (const Row& row : allRows()) {
        const std::string text = row.prompt + row.completion;
        EXPECT_EQ(text.find("  "), std::string::npos) << row.prompt;
        EXPECT_EQ(text.find('|'), std::string::npos) << row.prompt;
        EXPECT_TRUE(std::isupper(static_cast<unsigned char>(row.prompt.front()))) << row.prompt;
        EXPECT_TRUE(std::ispunct(static_cast<unsigned char>(row.prompt.back()))) << row.prompt;
    }
}

} // namespace lorikeet
