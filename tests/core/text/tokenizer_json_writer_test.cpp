// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_json_writer.h"

#include <gtest/gtest.h>

#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "core/text/tokenizer.h"
#include "tests/core/text/gguf_vocabulary.h"
#include "tests/core/text/golden_support.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

/// The tokenizer of a GGUF file, and the one that is read from what was written of it.
struct Pair {
    explicit Pair(const std::filesystem::path& gguf) : source(loadTokenizer(gguf)) {
        const auto files = tokenizerFilesOf(GgufFile(gguf)).value();
        writeFileAtomically(folder / "tokenizer.json", files.tokenizerJson);
        writeFileAtomically(folder / "tokenizer_config.json", files.tokenizerConfig);
        written = loadTokenizer(folder.path());
    }

    void expectEqual(std::string_view text) const {
        for (bool special : {false, true}) {
            const EncodeOptions options{.addSpecial = special, .parseSpecial = special};
            const auto ids = source->encode(text, options);
            EXPECT_EQ(written->encode(text, options), ids) << shown(std::string(text));
            EXPECT_EQ(written->decode(ids, special), source->decode(ids, special)) << shown(std::string(text));
        }
    }

    TemporaryFolder folder;
    std::unique_ptr<Tokenizer> source, written;
};

void expectEqual(const std::filesystem::path& gguf) {
    const Pair pair(gguf);
    EXPECT_EQ(pair.written->bos(), pair.source->bos());
    EXPECT_EQ(pair.written->eos(), pair.source->eos());
    EXPECT_EQ(pair.written->addsBos(), pair.source->addsBos());
    EXPECT_EQ(pair.written->addsEos(), pair.source->addsEos());
    EXPECT_EQ(findChatTemplate(pair.folder.path()), findChatTemplate(gguf));
    ASSERT_EQ(pair.written->vocabularySize(), pair.source->vocabularySize());
    for (TokenId id = 0; id < pair.source->vocabularySize(); ++id) {
        ASSERT_EQ(pair.written->pieceBytes(id), pair.source->pieceBytes(id)) << id;
        ASSERT_EQ(pair.written->isSpecial(id), pair.source->isSpecial(id)) << id;
    }
    for (const auto& entry : readGolden("tokenizers/smollm2_cases.json"))
        pair.expectEqual(entry[0].get<std::string>());
    pair.expectEqual("<|endoftext|>a<|im_start|>user\n \t 12345 they'LL aren't \r\n\r\n  é日本🙂\x01<|im_end|> ");
}

TEST(TokenizerJsonWriter, KeepsTheIdsOfGpt2) {
    SKIP_WITHOUT_TEST_DATA("tokenizers/ggml-vocab-gpt-2.gguf");
    expectEqual(testDataFolder() / "tokenizers/ggml-vocab-gpt-2.gguf");
}

TEST(TokenizerJsonWriter, KeepsTheIdsOfTheStarterModel) {
    SKIP_WITHOUT_TEST_MODEL();
    expectEqual(testModelPath());
}

GgufVocabulary tinyByteLevel(const std::string& pre) {
    GgufVocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.pre = pre;
    vocabulary.tokens = {"<s>", "</s>", "a", "b", "ab", "\xC4\xA0", "1", "2", "abab", "<tool>", "11"};
    vocabulary.types = {3, 3, 1, 1, 1, 1, 1, 1, 1, 4, 1};
    vocabulary.merges = {"a b", "1 1"};
    vocabulary.bos = 0;
    vocabulary.eos = 1;
    vocabulary.unknown = -1;
    return vocabulary;
}

TEST(TokenizerJsonWriter, KeepsHowWordsAreCut) {
    for (const char* pre : {"", "gpt-2", "smollm", "llama-bpe", "qwen2"}) {
        SCOPED_TRACE(pre);
        const TemporaryFolder folder;
        writeVocabulary(folder / "tiny.gguf", tinyByteLevel(pre));
        const Pair pair(folder / "tiny.gguf");
        for (const char* text : {"abab", "11 2", "a <tool>b</s>", " ab  ab"})
            pair.expectEqual(text);
    }
}

TEST(TokenizerJsonWriter, KeepsTheTokensAroundAText) {
    for (bool adds : {false, true}) {
        const TemporaryFolder folder;
        GgufVocabulary vocabulary = tinyByteLevel("gpt-2");
        vocabulary.addBos = vocabulary.addEos = adds;
        writeVocabulary(folder / "tiny.gguf", vocabulary);
        const Pair pair(folder / "tiny.gguf");
        const auto ids = adds ? std::vector<TokenId>{0, 4, 1} : std::vector<TokenId>{4};
        EXPECT_EQ(pair.source->encode("ab"), ids);
        EXPECT_EQ(pair.written->encode("ab"), ids);
    }
}

TEST(TokenizerJsonWriter, RefusesAChatTemplateThatIsNotUtf8) {
    const TemporaryFolder folder;
    GgufVocabulary vocabulary = tinyByteLevel("gpt-2");
    vocabulary.chatTemplate = "{{ '\xFF' }}";
    writeVocabulary(folder / "tiny.gguf", vocabulary);
    const Error error = errorOf([&] { tokenizerFilesOf(GgufFile(folder / "tiny.gguf")); });
    EXPECT_EQ(error.code(), ErrorCode::BadFile);
    EXPECT_NE(error.message().find("chat_template is not UTF-8 at byte 4"), std::string::npos) << error.message();
}

TEST(TokenizerJsonWriter, WritesNothingForOtherVocabularies) {
    const TemporaryFolder folder;
    writeVocabulary(folder / "tiny.gguf", tinySentencePiece());
    EXPECT_FALSE(tokenizerFilesOf(GgufFile(folder / "tiny.gguf")));
    GgufVocabulary unheard = tinyByteLevel("unheard");
    writeVocabulary(folder / "unheard.gguf", unheard);
    const Error error = errorOf([&] { tokenizerFilesOf(GgufFile(folder / "unheard.gguf")); });
    EXPECT_EQ(error.code(), ErrorCode::NotBuilt);
}

} // namespace
} // namespace lorikeet
