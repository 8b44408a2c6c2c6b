// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_json.h"

#include <chrono>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/core/text/golden_support.h"

namespace lorikeet {
namespace {

using nlohmann::json;

std::unique_ptr<Tokenizer> parse(const json& document) {
    return parseTokenizerJson(document.dump(), "test.json", {});
}

class TokenizerGoldens : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerGoldens, GiveTheIdsAndTextsOfTheTokenizersLibrary) {
    const json golden = readGolden(std::string("tokenizers/") + GetParam() + ".json");
    const auto tokenizer = parse(golden["tokenizer"]);
    for (const json& entry : golden["cases"]) {
        const auto text = entry[0].get<std::string>();
        const auto expected = entry[1].get<std::vector<TokenId>>();
        EXPECT_EQ(tokenizer->encode(text), expected) << shown(text);
        // A second time, since words are remembered.
        EXPECT_EQ(tokenizer->encode(text), expected) << shown(text);
        EXPECT_EQ(tokenizer->decode(expected), entry[2].get<std::string>()) << shown(text);
    }
}

INSTANTIATE_TEST_SUITE_P(All, TokenizerGoldens,
                         testing::Values("gpt2", "digits", "llama3", "qwen2", "splits", "llama2", "mistral"),
                         [](const auto& suite) { return std::string(suite.param); });

json gpt2() {
    return readGolden("tokenizers/gpt2.json")["tokenizer"];
}

/// The message of the Error with `code` that parsing `document` throws.
std::string errorOf(const json& document, ErrorCode code = ErrorCode::BadFile) {
    try {
        parse(document);
    } catch (const Error& error) {
        EXPECT_EQ(errorCodeName(error.code()), errorCodeName(code)) << error.message();
        EXPECT_TRUE(error.message().starts_with("test.json")) << error.message();
        return error.message();
    }
    ADD_FAILURE() << "no error";
    return {};
}

TEST(TokenizerJson, RoundTripsEveryTextAtByteLevel) {
    const json golden = readGolden("tokenizers/gpt2.json");
    const auto tokenizer = parse(golden["tokenizer"]);
    for (const json& entry : golden["cases"]) {
        const auto text = entry[0].get<std::string>();
        const auto ids = tokenizer->encode(text, {.parseSpecial = false});
        std::string pieces;
        for (const TokenId id : ids)
            pieces += tokenizer->pieceBytes(id);
        // <trim> swallows the white space around it.
        if (text.find("<trim>") == std::string::npos) {
            EXPECT_EQ(pieces, text) << shown(text);
            EXPECT_EQ(tokenizer->decode(ids), text) << shown(text);
        }
    }
}

TEST(TokenizerJson, LeavesSpecialTokensAsTextWhereAsked) {
    const auto tokenizer = parse(gpt2());
    const auto end = tokenizer->find("<|end|>");
    ASSERT_TRUE(end);
    EXPECT_TRUE(tokenizer->isSpecial(*end));
    EXPECT_EQ(tokenizer->encode("<|end|>"), std::vector{*end});
    const auto plain = tokenizer->encode("<|end|>", {.parseSpecial = false});
    EXPECT_GT(plain.size(), 1u);
    EXPECT_EQ(tokenizer->decode(plain), "<|end|>");
    EXPECT_EQ(tokenizer->decode(std::vector{*end}), "");
    EXPECT_EQ(tokenizer->decode(std::vector{*end}, true), "<|end|>");
}

TEST(TokenizerJson, KnowsTheTokensThatItAdds) {
    const json golden = readGolden("tokenizers/splits.json");
    TokenizerConfig config;
    config.bosToken = "<|begin|>";
    config.eosToken = "<|end|>";
    const auto tokenizer = parseTokenizerJson(golden["tokenizer"].dump(), "test.json", config);
    EXPECT_TRUE(tokenizer->addsBos() && tokenizer->addsEos());
    const auto ids = tokenizer->encode("");
    EXPECT_EQ(ids, (std::vector{*tokenizer->bos(), *tokenizer->eos()}));
    EXPECT_TRUE(tokenizer->encode("", {.addSpecial = false}).empty());
}

TEST(TokenizerJson, RefusesTextThatIsNotUtf8) {
    const auto tokenizer = parse(gpt2());
    for (const char* text : {"ab\xFF", "ab\xC0\x80", "ab\xED\xA0\x80", "ab\xE2\x82", "ab\xF4\x90\x80\x80"}) {
        try {
            tokenizer->encode(text);
            ADD_FAILURE() << shown(text);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
            EXPECT_NE(error.message().find("byte 2"), std::string::npos) << error.message();
        }
    }
}

TEST(TokenizerJson, EncodesAMillionEqualLettersInBoundedTime) {
    const auto tokenizer = parse(gpt2());
    const auto start = std::chrono::steady_clock::now();
    for (const char* unit : {"A", " ", "\n", "1", "s", "\xE2\x96\x81"}) {
        std::string text;
        for (int i = 0; i < 1'000'000; ++i)
            text += unit;
        EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST(TokenizerJson, NamesWhatItDoesNotSupport) {
    json document = gpt2();
    document["normalizer"] = {{"type", "BertNormalizer"}};
    EXPECT_NE(errorOf(document, ErrorCode::NotBuilt).find("BertNormalizer"), std::string::npos);
    document = gpt2();
    document["pre_tokenizer"] = {{"type", "UnicodeScripts"}};
    EXPECT_NE(errorOf(document, ErrorCode::NotBuilt).find("UnicodeScripts"), std::string::npos);
    document = gpt2();
    document["decoder"] = {{"type", "WordPiece"}};
    EXPECT_NE(errorOf(document, ErrorCode::NotBuilt).find("WordPiece"), std::string::npos);
    document = gpt2();
    document["post_processor"] = {{"type", "BertProcessing"}};
    EXPECT_NE(errorOf(document, ErrorCode::NotBuilt).find("BertProcessing"), std::string::npos);
    document = gpt2();
    document["model"]["type"] = "WordPiece";
    EXPECT_NE(errorOf(document, ErrorCode::NotBuilt).find("WordPiece"), std::string::npos);
}

TEST(TokenizerJson, RefusesMalformedFiles) {
    EXPECT_THROW(parseTokenizerJson("{", "test.json", {}), Error);
    EXPECT_THROW(parseTokenizerJson(std::string(1'000'000, '['), "test.json", {}), Error);
    EXPECT_THROW(parseTokenizerJson("\xFF", "test.json", {}), Error);
    errorOf(json::array());
    errorOf(json::object());
    json document = gpt2();
    document["model"]["merges"].push_back({"qqq", "zzz"});
    EXPECT_NE(errorOf(document).find("qqq"), std::string::npos);
    document = gpt2();
    document["model"]["merges"].push_back("a b c");
    errorOf(document);
    document = gpt2();
    document["model"]["merges"].push_back(17);
    errorOf(document);
    for (const json& id : {json(-1), json(1.5), json(1u << 31), json("3"), json(0), json(uint64_t(-1))}) {
        document = gpt2();
        document["model"]["vocab"]["fresh"] = id;
        errorOf(document);
    }
    document = gpt2();
    document["model"]["unk_token"] = "<nowhere>";
    errorOf(document);
    document = gpt2();
    document["post_processor"] = {
        {"type", "TemplateProcessing"}, {"single", json::array()}, {"special_tokens", json::object()}};
    errorOf(document);
}

TEST(TokenizerJson, NamesThePlaceOfASyntaxErrorAndQuotesNothing) {
    const std::string text = "{\"" + std::string(100'000, 'x') + "\" 1}";
    try {
        parseTokenizerJson(text, "test.json", {});
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_EQ(error.message(), "test.json: not valid JSON at byte 100005 of 100006");
    }
    try {
        parseTokenizerJson("[\"" + std::string(100'000, 'x'), "test.json", {});
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_LT(error.message().size(), 200u);
    }
}

TEST(TokenizerJson, BoundsAllAddedTokensTogether) {
    json document = gpt2();
    const json one = document["added_tokens"][0];
    for (int i = 0; i < 9000; ++i) {
        json token = one;
        token["content"] = std::to_string(10'000 + i) + std::string(1000, 'x');
        token["id"] = 10'000 + i;
        document["added_tokens"].push_back(std::move(token));
    }
    EXPECT_NE(errorOf(document).find("added tokens"), std::string::npos);
}

TEST(TokenizerJson, RefusesContradictingAddedTokens) {
    const auto with = [](const char* content, const json& id) {
        json document = gpt2();
        json token = document["added_tokens"][0];
        token["content"] = content;
        token["id"] = id;
        document["added_tokens"].push_back(token);
        return document;
    };
    errorOf(with("", 999));
    errorOf(with("<|begin|>", 999));
    errorOf(with("other", 3));
    errorOf(with("other", -1));
    errorOf(with("other", 1 << 30));
    errorOf(with(std::string(5000, 'a').c_str(), 999));
}

TEST(TokenizerJson, SurvivesHostileRegularExpressions) {
    json document = gpt2();
    const auto withPattern = [&](const std::string& pattern) {
        document["pre_tokenizer"] = {
            {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
        return document;
    };
    for (const char* invalid :
         {"(", "[a", "a{2,1}", "(?<n>a)(?<n>b)", "\\p{Nonsense}", "*", "(?<=a+)b", "[a&&b]", "\\"})
        EXPECT_NE(errorOf(withPattern(invalid)).find("regular expression"), std::string::npos) << invalid;
    errorOf(withPattern(std::string(100'000, '(')));
    for (const char* exponential : {"(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){25}$"}) {
        const auto tokenizer = parse(withPattern(exponential));
        const auto start = std::chrono::steady_clock::now();
        EXPECT_THROW(tokenizer->encode(std::string(5000, 'a') + "!"), Error) << exponential;
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30)) << exponential;
    }
}

TEST(TokenizerJson, BoundsWhatItsStepsGrowATextTo) {
    json document = gpt2();
    json steps = json::array();
    for (int i = 0; i < 40; ++i)
        steps.push_back({{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}});
    document["normalizer"] = {{"type", "Sequence"}, {"normalizers", steps}};
    const auto tokenizer = parse(document);
    EXPECT_THROW(tokenizer->encode("a"), Error);
    json nested = {{"type", "NFC"}};
    for (int i = 0; i < 100; ++i)
        nested = {{"type", "Sequence"}, {"normalizers", json::array({nested})}};
    document["normalizer"] = nested;
    errorOf(document);
}

} // namespace
} // namespace lorikeet
