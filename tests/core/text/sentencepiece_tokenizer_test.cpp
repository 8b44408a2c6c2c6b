// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_tokenizer.h"

#include <cstring>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/text/sentencepiece_charsmap.h"
#include "tests/core/text/golden_support.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;

constexpr EncodeOptions kPlain{.addSpecial = false, .parseSpecial = false};

std::string tinyModel() {
    return readTextFile(sourceFile("tests/data/tokenizers/bpe.model"));
}

void expectCases(const Tokenizer& tokenizer, const char* golden) {
    int checked = 0;
    for (const json& entry : readGolden(std::string("tokenizers/") + golden)) {
        const auto text = entry[0].get<std::string>();
        const auto ids = entry[1].get<std::vector<TokenId>>();
        EXPECT_EQ(tokenizer.encode(text, kPlain), ids) << shown(text);
        // The unknown token is left out here; SentencePiece writes a mark for it.
        if (std::find(ids.begin(), ids.end(), 0) == ids.end()) {
            EXPECT_EQ(tokenizer.decode(ids), entry[2].get<std::string>()) << shown(text);
        }
        ++checked;
    }
    EXPECT_GT(checked, 50);
}

TEST(SentencePieceTokenizer, GivesTheIdsOfSentencePieceForBpe) {
    expectCases(*parseSentencePieceTokenizer(tinyModel(), "bpe.model", {}), "bpe_cases.json");
}

TEST(SentencePieceTokenizer, GivesTheIdsOfSentencePieceForUnigram) {
    const std::string bytes = readTextFile(sourceFile("tests/data/tokenizers/unigram.model"));
    expectCases(*parseSentencePieceTokenizer(bytes, "unigram.model", {}), "unigram_cases.json");
}

TEST(SentencePieceTokenizer, GivesTheIdsOfSentencePieceForItsTestModel) {
    SKIP_WITHOUT_TEST_DATA("tokenizers/sentencepiece_test.model");
    const TemporaryFolder folder;
    std::filesystem::copy_file(testDataFolder() / "tokenizers/sentencepiece_test.model", folder / "tokenizer.model");
    expectCases(*loadTokenizer(folder.path()), "sentencepiece_test_cases.json");
}

TEST(SentencePieceTokenizer, AddsAndRecognisesSpecialTokens) {
    const auto tokenizer = parseSentencePieceTokenizer(tinyModel(), "bpe.model", {});
    EXPECT_TRUE(tokenizer->addsBos() && !tokenizer->addsEos());
    EXPECT_EQ(tokenizer->bos(), 1);
    EXPECT_EQ(tokenizer->eos(), 2);
    EXPECT_EQ(tokenizer->encode(""), std::vector<TokenId>{1});
    EXPECT_EQ(tokenizer->encode("</s>"), (std::vector<TokenId>{1, 2}));
    EXPECT_GT(tokenizer->encode("</s>", kPlain).size(), 1u);
    TokenizerConfig config;
    config.addBosToken = false;
    config.addEosToken = true;
    EXPECT_EQ(parseSentencePieceTokenizer(tinyModel(), "bpe.model", config)->encode(""), std::vector<TokenId>{2});
}

TEST(SentencePieceTokenizer, PutsItsSpaceWhereTheFlagsSay) {
    TokenizerConfig config;
    config.addedTokens.push_back({.id = 5000, .content = "<|im|>", .special = true});
    const auto bytesOf = [&](std::string_view text) {
        const auto tokenizer = parseSentencePieceTokenizer(tinyModel(), "bpe.model", config);
        std::string bytes;
        for (const TokenId id : tokenizer->encode(text, {.addSpecial = false}))
            bytes += tokenizer->pieceBytes(id);
        return bytes;
    };
    EXPECT_EQ(bytesOf("a<|im|>b"), " a<|im|> b");
    config.legacy = false;
    EXPECT_EQ(bytesOf("a<|im|>b"), " a<|im|>b");
    EXPECT_EQ(bytesOf("<|im|>b"), "<|im|>b");
    config.addPrefixSpace = false;
    EXPECT_EQ(bytesOf("a<|im|>b"), "a<|im|>b");
    EXPECT_EQ(parseSentencePieceTokenizer(tinyModel(), "bpe.model", config)->vocabularySize(), 5001);
}

std::string errorOf(const std::string& bytes) {
    try {
        parseSentencePieceTokenizer(bytes, "bad.model", {});
    } catch (const Error& error) {
        EXPECT_EQ(errorCodeName(error.code()), "bad_file") << error.message();
        EXPECT_TRUE(error.message().starts_with("bad.model")) << error.message();
        return error.message();
    }
    return {};
}

/// A message of pieces: text, score, type.
std::string piece(const std::string& text, float score = 0, int type = 1) {
    std::string body = "\x0A" + std::string(1, static_cast<char>(text.size())) + text + "\x15";
    body.append(reinterpret_cast<const char*>(&score), 4);
    body += std::string("\x18") + static_cast<char>(type);
    return "\x0A" + std::string(1, static_cast<char>(body.size())) + body;
}

TEST(SentencePieceTokenizer, RefusesMalformedFiles) {
    const std::string unknown = piece("<unk>", 0, 2);
    const std::string normalizer("\x1A\x02\x18\x00", 4);
    EXPECT_EQ(errorOf(unknown + piece("a") + normalizer), "");
    const std::string nan = piece("a", NAN);
    for (const std::string& bad :
         {std::string(), std::string("\xFF"), std::string(20, '\xFF'), std::string("\x0A\xFF\xFF\xFF\xFF\x0F", 6),
          std::string("\x0A\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7F", 11), std::string("\x0B"), std::string("\x00", 1),
          std::string("version https://git-lfs.github.com/spec/v1\n"), piece("a"), unknown + unknown,
          unknown + piece("<unk2>", 0, 2), unknown + piece("a") + piece("a"), unknown + piece(""),
          unknown + piece("\xFF"), unknown + piece("a", NAN), unknown + piece("a", INFINITY),
          unknown + piece("a", 0, 7), unknown + piece("a", 0, 0)})
        EXPECT_NE(errorOf(bad), "") << shown(bad);
}

TEST(SentencePieceTokenizer, SurvivesTruncationAndChangedBytes) {
    const std::string whole = tinyModel();
    for (std::size_t length = 0; length < whole.size(); length += 13)
        errorOf(whole.substr(0, length));
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        std::string changed = whole;
        for (int i = 0; i < 3; ++i)
            changed[random() % changed.size()] = static_cast<char>(random());
        try {
            const auto tokenizer = parseSentencePieceTokenizer(changed, "bad.model", {});
            tokenizer->decode(tokenizer->encode("Hello w\xC3\xB6rld <sep> 123"));
        } catch (const Error&) { // refused, or a token that contradicts another
        }
    }
}

TEST(SentencePieceTokenizer, RefusesHostileCharacterMaps) {
    const auto map = [](std::vector<uint32_t> units, const std::string& values) {
        units.resize((units.size() + 255) / 256 * 256);
        const auto bytes = static_cast<uint32_t>(units.size() * 4);
        std::string result(reinterpret_cast<const char*>(&bytes), 4);
        result.append(reinterpret_cast<const char*>(units.data()), bytes);
        return result + values;
    };
    const std::string end("x\0", 2);
    EXPECT_NO_THROW(checkCharacterMap(map(std::vector<uint32_t>(256), end), "m"));
    EXPECT_NO_THROW(checkCharacterMap("", "m"));
    EXPECT_THROW(checkCharacterMap("abc", "m"), Error);
    EXPECT_THROW(checkCharacterMap(map(std::vector<uint32_t>(256), "x"), "m"), Error);
    EXPECT_THROW(checkCharacterMap(map({0xFFFFFFFF >> 1}, end), "m"), Error);
    EXPECT_THROW(checkCharacterMap(map({0xFFFFFFFF}, end), "m"), Error); // a root that says it is a value
    std::vector<uint32_t> value(256);
    value[0] = 1 << 8 | 1 << 10; // the root's value is at 1
    value[1] = 1U << 31 | 50;
    EXPECT_THROW(checkCharacterMap(map(value, end), "m"), Error);
    std::vector<uint32_t> cycle(256);
    // The root's children lie around 1; the child "a" has the same.
    cycle[0] = 1 << 10;
    cycle['a' ^ 1] = 'a' | static_cast<uint32_t>('a') << 10;
    EXPECT_THROW(checkCharacterMap(map(cycle, end), "m"), Error);
}

} // namespace
} // namespace lorikeet
