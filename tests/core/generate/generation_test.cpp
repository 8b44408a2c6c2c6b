// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generate/generation.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/cpu/cpu_backend.h"
#include "core/generate/chat_session.h"
#include "core/model/base_model.h"
#include "tests/core/generate/tiny_speaker.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

GenerationOptions optionsOf(int maxNewTokens, SamplingOptions sampling = {}, std::vector<TokenId> endTokens = {}) {
    return {maxNewTokens, sampling, std::move(endTokens)};
}

class GenerationTest : public testing::Test {
protected:
    GenerationResult generate(const std::vector<TokenId>& start, const GenerationOptions& options) {
        return generateText(*tiny.context, tiny.speaker(), start, options);
    }

    TinySpeaker tiny;
    const std::vector<TokenId> prompt = {5, 9, 30, 2};
};

TEST_F(GenerationTest, GreedyTakesTheMostProbableTokenOfAFullForwardPassEachTime) {
    const GenerationResult result = generate(prompt, optionsOf(12));
    ASSERT_EQ(result.tokens.size(), 12u);
    std::vector<TokenId> sequence = prompt;
    for (TokenId token : result.tokens) {
        EXPECT_EQ(token, tiny.mostProbableAfter(sequence));
        sequence.push_back(token);
    }
    EXPECT_EQ(result.stop, StopReason::Length);
    EXPECT_EQ(result.promptTokens, 4);
}

TEST_F(GenerationTest, ALargePenaltyRepeatsNothingOfPromptOrText) {
    const GenerationResult result = generate(prompt, optionsOf(12, {.repetitionPenalty = 1e6f}));
    std::vector<TokenId> all = prompt;
    all.insert(all.end(), result.tokens.begin(), result.tokens.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_F(GenerationTest, EndsAtAnEndToken) {
    const GenerationResult free = generate(prompt, optionsOf(12));
    const TokenId end = free.tokens[6];
    const auto first = std::find(free.tokens.begin(), free.tokens.end(), end);
    const GenerationResult ended = generate(prompt, optionsOf(12, {}, {end}));
    EXPECT_EQ(ended.tokens, std::vector<TokenId>(free.tokens.begin(), first));
    EXPECT_EQ(ended.stop, StopReason::EndToken);
}

TEST_F(GenerationTest, StreamsWholeCharactersThatMakeUpTheText) {
    std::string all;
    for (uint64_t seed = 0; seed < 8; ++seed) {
        std::string joined;
        const auto onText = [&](std::string_view piece) {
            EXPECT_FALSE(piece.empty());
            EXPECT_TRUE(isWholeUtf8(piece)) << piece;
            joined += piece;
        };
        const GenerationOptions options = optionsOf(40, {1.5f, 1.0f, seed});
        EXPECT_EQ(generateText(*tiny.context, tiny.speaker(), prompt, options, onText).text, joined);
        all += joined;
    }
    EXPECT_NE(all.find("\xc3\xa9"), std::string::npos) << "some character should be of two tokens";
    EXPECT_NE(all.find("\xef\xbf\xbd"), std::string::npos) << "and some never become whole";
}

TEST_F(GenerationTest, SamplesTheSameFromTheSameSeed) {
    const auto tokens = [&](uint64_t seed) { return generate(prompt, optionsOf(20, {1.0f, 0.9f, seed})).tokens; };
    EXPECT_EQ(tokens(1), tokens(1));
    EXPECT_NE(tokens(1), tokens(2));
}

TEST_F(GenerationTest, StopsWhenAsked) {
    std::stop_source stop;
    int pieces = 0;
    const GenerationResult result = generateText(
        *tiny.context, tiny.speaker(), prompt, optionsOf(40),
        [&](std::string_view) {
            if (++pieces == 3)
                stop.request_stop();
        },
        stop.get_token());
    EXPECT_EQ(result.stop, StopReason::Stopped);
    EXPECT_LT(result.tokens.size(), 40u);
}

TEST_F(GenerationTest, RefusesAPromptThatDoesNotFit) {
    KvCache cache(*tiny.context, tiny.base->config(), DType::F32, 3);
    EXPECT_EQ(errorOf([&] { generateText(*tiny.context, tiny.speaker(), prompt, cache, {}); }).code(),
              ErrorCode::InvalidArgument);
    EXPECT_EQ(errorOf([&] { generate({}, {}); }).code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(errorOf([&] { generate({48}, {}); }).code(), ErrorCode::InvalidArgument);
}

TEST_F(GenerationTest, GeneratesNothingWhereNothingIsAskedFor) {
    const GenerationResult result = generate(prompt, optionsOf(0));
    EXPECT_TRUE(result.tokens.empty());
    EXPECT_TRUE(result.text.empty());
}

TEST_F(GenerationTest, FillsTheCacheToItsLastRow) {
    KvCache cache(*tiny.context, tiny.base->config(), DType::F32, 8);
    const GenerationResult result = generateText(*tiny.context, tiny.speaker(), prompt, cache, optionsOf(40));
    EXPECT_EQ(cache.length(), 8);
    EXPECT_EQ(result.tokens.size(), 5u) << "the last token need not be in the cache";
    EXPECT_EQ(result.tokens, generate(prompt, optionsOf(5)).tokens);
}

constexpr std::string_view kTemplate = "{% for m in messages %}<{{ m.content }}>{% endfor %}"
                                       "{% if add_generation_prompt %}={% endif %}";

TEST_F(GenerationTest, AChatAnswersAsIfEveryTurnBeganAnew) {
    const ChatTemplate chatTemplate(kTemplate, "", "");
    ChatSession chat(*tiny.context, tiny.speaker(), chatTemplate, 200);
    const GenerationOptions options = optionsOf(6, {}, {1});
    const GenerationResult first = chat.send(*tiny.context, "ab", options);
    const GenerationResult second = chat.send(*tiny.context, "cd", options);
    ASSERT_EQ(chat.messages().size(), 4u);
    EXPECT_EQ(chat.messages()[1].content, first.text);
    EXPECT_EQ(chat.messages()[3].content, second.text);

    const std::vector<ChatMessage> soFar(chat.messages().begin(), chat.messages().begin() + 3);
    const auto whole = tiny.tokenizer.encode(chatTemplate.render(soFar, true), {false, true});
    EXPECT_EQ(second.tokens, generate(whole, options).tokens);
    EXPECT_LT(second.promptTokens, int64_t(whole.size())) << "what the cache holds is not computed again";
}

TEST_F(GenerationTest, AChatIsAsBeforeWhereATurnFails) {
    const ChatTemplate chatTemplate(kTemplate, "", "");
    ChatSession chat(*tiny.context, tiny.speaker(), chatTemplate, 20);
    const GenerationOptions options = optionsOf(4, {}, {1});
    chat.send(*tiny.context, "ab", options);
    EXPECT_EQ(errorOf([&] { chat.send(*tiny.context, std::string(50, 'a'), options); }).code(),
              ErrorCode::InvalidArgument);
    EXPECT_EQ(chat.messages().size(), 2u);
}

} // namespace
} // namespace lorikeet
