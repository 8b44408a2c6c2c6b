// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_config.h"

#include <gtest/gtest.h>

#include "core/base/files.h"
#include "tests/core/text/golden_support.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

/// A model folder with an older kind of tokenizer.
class TokenizerFolder : public testing::Test {
protected:
    TokenizerFolder() {
        std::filesystem::copy_file(sourceFile("tests/data/tokenizers/bpe.model"), m_folder / "tokenizer.model");
    }
    void write(const char* name, std::string_view text) { writeFileAtomically(m_folder / name, text); }
    void useTokenizerJson() {
        write("tokenizer.json", readGolden("tokenizers/gpt2.json")["tokenizer"].dump());
        std::filesystem::remove(m_folder / "tokenizer.model");
    }
    std::unique_ptr<Tokenizer> load() const { return loadTokenizer(m_folder.path()); }

    TemporaryFolder m_folder;
};

TEST_F(TokenizerFolder, AddedTokensOfAnOlderOneAreRead) {
    const int64_t before = load()->vocabularySize();
    write("added_tokens.json", R"({"<|im_end|>": )" + std::to_string(before + 1) + R"(, "<|im_start|>": )" +
                                   std::to_string(before) + R"(, "hard": )" + std::to_string(before + 2) + "}");
    write("special_tokens_map.json",
          R"({"eos_token": {"content": "<|im_end|>"}, "additional_special_tokens": ["<|im_start|>"]})");
    const auto tokenizer = load();
    EXPECT_EQ(tokenizer->vocabularySize(), before + 3);
    EXPECT_EQ(tokenizer->find("<|im_start|>"), before);
    EXPECT_TRUE(tokenizer->isSpecial(TokenId(before)) && tokenizer->isSpecial(TokenId(before) + 1));
    EXPECT_FALSE(tokenizer->isSpecial(TokenId(before) + 2));
    EXPECT_EQ(tokenizer->eos(), before + 1);
    EXPECT_EQ(tokenizer->encode("<|im_end|>", {.addSpecial = false}), std::vector<TokenId>{TokenId(before) + 1});
    EXPECT_EQ(tokenizer->encode("hard", {.addSpecial = false}), std::vector<TokenId>{TokenId(before) + 2});

    write("tokenizer_config.json", R"({"added_tokens_decoder": {}})");
    EXPECT_EQ(load()->vocabularySize(), before) << "the newer file has the say";
}

TEST_F(TokenizerFolder, MalformedAddedTokensAreRefusedByTheirFile) {
    for (const char* text : {"[]", "{\"a\": \"b\"}", "{\"a\": -1}", "{\"a\": 99999999999}", "{\"a\": 1.5}", "{"}) {
        write("added_tokens.json", text);
        const Error error = errorOf([&] { load(); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile) << text;
        EXPECT_NE(error.message().find("added_tokens.json"), std::string::npos) << error.message();
    }
}

TEST_F(TokenizerFolder, BeginAndEndComeFromTheModelsConfigurationWhereNothingElseNamesThem) {
    useTokenizerJson();
    EXPECT_FALSE(load()->bos() || load()->eos());
    write("generation_config.json", R"({"bos_token_id": 3, "eos_token_id": [7, 9]})");
    EXPECT_EQ(load()->bos(), 3);
    EXPECT_EQ(load()->eos(), 7);
    write("config.json", R"({"eos_token_id": 5})");
    EXPECT_EQ(load()->bos(), 3);
    EXPECT_EQ(load()->eos(), 5);
    write("tokenizer_config.json", R"({"bos_token": null})");
    EXPECT_FALSE(load()->bos()) << "null says that there is none";
    EXPECT_EQ(load()->eos(), 5);
    write("config.json", R"({"eos_token_id": 88888888})");
    EXPECT_FALSE(load()->eos()) << "the tokenizer has no such token";
}

TEST_F(TokenizerFolder, ASentencePieceFilesOwnEndWinsOverTheConfiguration) {
    write("config.json", R"({"bos_token_id": 7, "eos_token_id": 9})");
    EXPECT_EQ(load()->bos(), 1);
    EXPECT_EQ(load()->eos(), 2);
}

} // namespace
} // namespace lorikeet
