// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/gguf_tokenizer.h"

#include <chrono>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "core/text/chat_template.h"
#include "tests/core/text/gguf_vocabulary.h"
#include "tests/core/text/golden_support.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;

/// The inputs and expected ids that llama.cpp keeps beside its vocabularies.
std::vector<std::pair<std::string, std::vector<TokenId>>> expectedCases(const std::filesystem::path& vocabulary) {
    std::vector<std::pair<std::string, std::vector<TokenId>>> cases;
    const std::string inputs = readTextFile(vocabulary.string() + ".inp"), mark = "\n__ggml_vocab_test__\n";
    std::istringstream outputs(readTextFile(vocabulary.string() + ".out"));
    std::string line;
    for (std::size_t begin = 0; begin < inputs.size();) {
        const std::size_t end = std::min(inputs.find(mark, begin), inputs.size());
        std::getline(outputs, line);
        std::istringstream numbers(line);
        std::vector<TokenId> ids;
        for (TokenId id; numbers >> id;)
            ids.push_back(id);
        cases.emplace_back(inputs.substr(begin, end - begin), std::move(ids));
        begin = end + mark.size();
    }
    return cases;
}

void expectLlamaCppIds(const char* name) {
    const std::filesystem::path path = testDataFolder() / "tokenizers" / name;
    const auto tokenizer = loadTokenizer(path);
    const auto cases = expectedCases(path);
    ASSERT_GT(cases.size(), 40u);
    for (const auto& [text, ids] : cases) {
        EXPECT_EQ(tokenizer->encode(text, {.addSpecial = false, .parseSpecial = false}), ids) << shown(text);
        EXPECT_EQ(tokenizer->decode(ids), text) << shown(text);
    }
}

TEST(GgufTokenizer, GivesTheIdsOfLlamaCppForGpt2) {
    SKIP_WITHOUT_TEST_DATA("tokenizers/ggml-vocab-gpt-2.gguf");
    expectLlamaCppIds("ggml-vocab-gpt-2.gguf");
}

TEST(GgufTokenizer, GivesTheIdsOfLlamaCppForSentencePiece) {
    SKIP_WITHOUT_TEST_DATA("tokenizers/ggml-vocab-llama-spm.gguf");
    expectLlamaCppIds("ggml-vocab-llama-spm.gguf");
}

TEST(GgufTokenizer, ReadsTheFlagsOfSentencePiece) {
    SKIP_WITHOUT_TEST_DATA("tokenizers/ggml-vocab-llama-spm.gguf");
    const auto tokenizer = loadTokenizer(testDataFolder() / "tokenizers/ggml-vocab-llama-spm.gguf");
    EXPECT_EQ(tokenizer->vocabularySize(), 32000);
    EXPECT_TRUE(tokenizer->addsBos() && !tokenizer->addsEos());
    EXPECT_EQ(tokenizer->encode("Hello"), (std::vector<TokenId>{1, 15043}));
    EXPECT_EQ(tokenizer->encode("<s>Hello</s>", {.addSpecial = false}), (std::vector<TokenId>{1, 15043, 2}));
    EXPECT_EQ(tokenizer->pieceBytes(15043), " Hello");
    EXPECT_EQ(tokenizer->pieceBytes(3 + 0xE2), "\xE2");
    EXPECT_TRUE(tokenizer->isSpecial(1) && !tokenizer->isSpecial(15043));
}

TEST(GgufTokenizer, GivesTheIdsOfTheTokenizersLibraryForSmolLm2) {
    SKIP_WITHOUT_TEST_MODEL();
    const auto tokenizer = loadTokenizer(testModelPath());
    EXPECT_EQ(tokenizer->vocabularySize(), 49152);
    EXPECT_EQ(tokenizer->eos(), 2);
    EXPECT_FALSE(tokenizer->addsBos());
    for (const json& entry : readGolden("tokenizers/smollm2_cases.json")) {
        const auto text = entry[0].get<std::string>();
        EXPECT_EQ(tokenizer->encode(text), entry[1].get<std::vector<TokenId>>()) << shown(text);
    }
}

TEST(GgufTokenizer, RendersAndEncodesTheChatOfSmolLm2) {
    SKIP_WITHOUT_TEST_MODEL();
    const auto source = findChatTemplate(testModelPath());
    ASSERT_TRUE(source);
    const ChatTemplate chatTemplate(*source, "<|im_start|>", "<|im_end|>");
    const std::vector<ChatMessage> messages = {{"user", "Hi"}, {"assistant", "Hello"}, {"user", "Bye"}};
    const std::string text = chatTemplate.render(messages, true);
    EXPECT_EQ(
        text,
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n"
        "<|im_start|>assistant\n");
    const auto ids = loadTokenizer(testModelPath())->encode(text);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), 1), 5);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), 2), 4);
}

TEST(GgufTokenizer, EncodesFourMegabytesInSeconds) {
    SKIP_WITHOUT_TEST_MODEL();
    SKIP_WITHOUT_TEST_DATA("gsm8k/train.jsonl");
    const auto tokenizer = loadTokenizer(testModelPath());
    const std::string text = readTextFile(testDataFolder() / "gsm8k/train.jsonl").substr(0, 4'000'000);
    const auto start = std::chrono::steady_clock::now();
    const auto ids = tokenizer->encode(text);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    RecordProperty("seconds", std::to_string(seconds.count()));
    EXPECT_LT(seconds.count(), 30);
    EXPECT_EQ(tokenizer->decode(ids), text);
}

/// The Error that loading a GGUF file with `vocabulary` throws.
Error errorOf(const GgufVocabulary& vocabulary) {
    const TemporaryFolder folder;
    const auto path = folder / "bad.gguf";
    writeVocabulary(path, vocabulary);
    try {
        loadTokenizer(path);
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("bad.gguf"), std::string::npos) << error.message();
        return error;
    }
    return {ErrorCode::Io, {}};
}

TEST(GgufTokenizer, RefusesMalformedVocabularies) {
    const GgufVocabulary good = tinySentencePiece();
    const auto refused = [&](auto change, ErrorCode code = ErrorCode::BadFile) {
        GgufVocabulary vocabulary = good;
        change(vocabulary);
        const Error error = errorOf(vocabulary);
        EXPECT_EQ(error.code(), code) << error.message();
        return error.message();
    };
    refused([](auto& v) { v.scores[5] = NAN; });
    refused([](auto& v) { v.scores.pop_back(); });
    refused([](auto& v) { v.types.pop_back(); });
    refused([](auto& v) { v.tokens[5] = v.tokens[6]; });
    refused([](auto& v) { v.tokens[5] = "\xFF"; });
    refused([](auto& v) { v.unknown = 99; });
    refused([](auto& v) { v.unknown = -1; });
    refused([](auto& v) { v.bos = 99; });
    refused([](auto& v) { v.tokens.clear(); });
    refused([](auto& v) { v.model = "bert"; }, ErrorCode::NotBuilt);
    refused([](auto& v) { v.model.clear(); });
    const auto bytes = [](auto& v) {
        v.model = "gpt2";
        v.merges = {"a b"};
    };
    refused([&](auto& v) { bytes(v), v.merges = {"a zz"}; });
    refused([&](auto& v) { bytes(v), v.merges = {"ab"}; });
    refused([&](auto& v) { bytes(v), v.merges = {" "}; });
    EXPECT_NE(refused([&](auto& v) { bytes(v), v.pre = "unheard"; }, ErrorCode::NotBuilt).find("unheard"),
              std::string::npos);
}

TEST(GgufTokenizer, MergesByScoreAndFallsBackToTheUnknownToken) {
    const TemporaryFolder folder;
    writeVocabulary(folder / "tiny.gguf", tinySentencePiece());
    const auto tokenizer = loadTokenizer(folder / "tiny.gguf");
    const EncodeOptions plain{.addSpecial = false};
    EXPECT_EQ(tokenizer->encode("ab", plain), (std::vector<TokenId>{3, 6}));
    EXPECT_EQ(tokenizer->encode("abc", plain), (std::vector<TokenId>{3, 4, 8}));
    EXPECT_EQ(tokenizer->encode("aé", plain), (std::vector<TokenId>{3, 4, 0}));
    EXPECT_EQ(tokenizer->encode("a</s>b", plain), (std::vector<TokenId>{3, 4, 2, 3, 5}));
    EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{1, 3, 6, 2}), "ab");
}

TEST(GgufTokenizer, BeginsTextsWithBosForLlama3UnlessTheFileSaysOtherwise) {
    const TemporaryFolder folder;
    const auto idsOf = [&](const char* pre, std::optional<bool> addBos) {
        GgufVocabulary vocabulary = tinySentencePiece();
        vocabulary.model = "gpt2";
        vocabulary.pre = pre;
        vocabulary.merges = {"a b"};
        vocabulary.addBos = addBos;
        writeVocabulary(folder / "tiny.gguf", vocabulary);
        return loadTokenizer(folder / "tiny.gguf")->encode("ab");
    };
    EXPECT_EQ(idsOf("llama-bpe", std::nullopt), (std::vector<TokenId>{1, 6}));
    EXPECT_EQ(idsOf("llama-bpe", false), (std::vector<TokenId>{6}));
    EXPECT_EQ(idsOf("gpt-2", std::nullopt), (std::vector<TokenId>{6}));
    EXPECT_EQ(idsOf("gpt-2", true), (std::vector<TokenId>{1, 6}));
}

} // namespace
} // namespace lorikeet
