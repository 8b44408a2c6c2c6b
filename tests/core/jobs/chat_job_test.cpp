// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/chat_job.h"
#include "core/jobs/model_identity.h"

#include <cstdlib>
#include <fstream>

#include "core/base/sha256.h"
#include "core/jobs/generate_job.h"
#include "core/model/base_model.h"
#include "core/runs/run_store.h"
#include "tests/core/jobs/jobs_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

class ChatJob : public JobsTest {
protected:
    static ChatSampling shortAnswer() { return {.temperature = 0.0, .topP = 1.0, .maxNewTokens = 12}; }
    std::string trainedRun() {
        RunConfig config = smallRun();
        config.training.maxSteps = 4;
        config.every.save = 2;
        return train(config).run;
    }
    /// The tiny model without its chat template.
    std::string plainModel() {
        const fs::path folder = m_folder / "plain";
        fs::create_directories(folder);
        for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"})
            fs::copy(fs::path(modelPath()) / name, folder / name);
        return folder.string();
    }
};

TEST_F(ChatJob, AnswersAsGenerateDoesAndSaysWhatAnswered) {
    ChatSpeaker speaker(m_workshop, {.model = modelPath()});
    std::string streamed;
    const ChatMessage question{"user", "What is blue?"};
    const SpokenAnswer answer =
        speaker.answer({&question, 1}, shortAnswer(), [&](std::string_view text) { streamed += text; });
    OpenedModel model = openModel(
        m_workshop, {.model = modelPath(), .adapter = std::nullopt, .wish = {}, .otherwise = defaultQuantization()});
    const GenerationResult expected = generateText(model, {.prompt = "What is blue?", .maxNewTokens = 12});
    EXPECT_EQ(answer.text, expected.text);
    EXPECT_EQ(answer.tokens, int64_t(expected.tokens.size()));
    EXPECT_EQ(answer.stop, expected.stop);
    EXPECT_EQ(streamed, answer.text);
    EXPECT_EQ(speaker.label().model, "model");
    EXPECT_EQ(speaker.label().dataType, "NF4");
    EXPECT_TRUE(speaker.label().usesTemplate);
    EXPECT_TRUE(speaker.label().adapter.empty());
    EXPECT_EQ(speaker.label().weights, weightsIdentity(modelPath()).substr(0, 8));
}

TEST_F(ChatJob, TheBaseSideSharesTheBaseOfTheTunedSide) {
    const std::string run = trainedRun();
    const ChatSource source = chatSourceOfRun(m_workshop.runs(), run);
    ChatSpeaker tuned(m_workshop, source), base(m_workshop, baseOf(source));
    EXPECT_EQ(tuned.label().weights, base.label().weights);
    EXPECT_EQ(tuned.label().dataType, base.label().dataType);
    EXPECT_EQ(tuned.label().step, 4);
    EXPECT_FALSE(base.label().step);
    EXPECT_EQ(tuned.label().adapter,
              sha256OfFile(m_workshop.folder().run(run) / "adapter" / "adapter_model.safetensors").substr(0, 8));
    OpenedModel again = openModel(
        m_workshop,
        {.model = modelPath(), .adapter = std::nullopt, .wish = baseOf(source).wish, .otherwise = std::nullopt});
    EXPECT_GT(again.base.use_count(), 2); // nobody loaded it a second time
    const ChatMessage question{"user", "What is blue?"};
    const ChatSampling bold{.temperature = 1.0, .topP = 1.0, .maxNewTokens = 12, .seed = 3};
    EXPECT_NE(tuned.answer({&question, 1}, bold).text, base.answer({&question, 1}, bold).text);
}

TEST_F(ChatJob, AFullFinetuningSpeaksBesideItsBase) {
    RunConfig config = smallFullRun();
    config.every.save = 2;
    const std::string run = train(config).run;
    const ChatSource source = chatSourceOfRun(m_workshop.runs(), run);
    EXPECT_EQ(source.model, modelPath());
    ChatSpeaker tuned(m_workshop, source), early(m_workshop, chatSourceOfRun(m_workshop.runs(), run, 2)),
        base(m_workshop, baseOf(source));
    EXPECT_EQ(base.label().weights, weightsIdentity(modelPath()).substr(0, 8));
    EXPECT_EQ(base.label().dataType, tuned.label().dataType);
    EXPECT_EQ(base.label().adapter, "");
    EXPECT_EQ(tuned.label().model, base.label().model);
    EXPECT_EQ(tuned.label().adapter, weightsIdentity(m_workshop.folder().run(run) / "model").substr(0, 8));
    EXPECT_NE(tuned.label().adapter, early.label().adapter);
    EXPECT_EQ(tuned.label().step, 3);
    EXPECT_EQ(early.label().step, 2);
    const ChatMessage question{"user", "What is blue?"};
    const ChatSampling bold{.temperature = 1.0, .topP = 1.0, .maxNewTokens = 12, .seed = 3};
    EXPECT_NE(tuned.answer({&question, 1}, bold).text, base.answer({&question, 1}, bold).text);
}

TEST_F(ChatJob, ACheckpointIsAnotherSpeaker) {
    const std::string run = trainedRun();
    const ChatSource last = chatSourceOfRun(m_workshop.runs(), run), early = chatSourceOfRun(m_workshop.runs(), run, 2);
    ChatSpeaker one(m_workshop, last), other(m_workshop, early);
    EXPECT_EQ(other.label().step, 2);
    EXPECT_NE(one.label().adapter, other.label().adapter);
    ChatSource unnamed = early;
    unnamed.step.reset();
    EXPECT_EQ(ChatSpeaker(m_workshop, unnamed).label().step, 2); // from the folder's name
    EXPECT_EQ(errorOf([&] { chatSourceOfRun(m_workshop.runs(), run, 3); }).code(), ErrorCode::NotFound);
}

TEST_F(ChatJob, EditedConversationsAreAnsweredAsIfAskedAnew) {
    ChatSpeaker speaker(m_workshop, {.model = modelPath()});
    std::vector<ChatMessage> messages = {{"user", "What is blue?"}};
    messages.push_back({"assistant", speaker.answer(messages, shortAnswer()).text});
    messages.push_back({"user", "And green?"});
    speaker.answer(messages, shortAnswer());
    messages[0].content = "What is red?";
    const SpokenAnswer edited = speaker.answer(messages, shortAnswer());
    ChatSpeaker fresh(m_workshop, {.model = modelPath()});
    EXPECT_EQ(edited.text, fresh.answer(messages, shortAnswer()).text);
    const SpokenAnswer before =
        speaker.answer(messages, {.temperature = 1.0, .topP = 1.0, .maxNewTokens = 12, .seed = 7});
    speaker.setSystemPrompt("You speak in rhymes.");
    const SpokenAnswer after =
        speaker.answer(messages, {.temperature = 1.0, .topP = 1.0, .maxNewTokens = 12, .seed = 7});
    messages.insert(messages.begin(), {"system", "You speak in rhymes."});
    EXPECT_EQ(after.text,
              fresh.answer(messages, {.temperature = 1.0, .topP = 1.0, .maxNewTokens = 12, .seed = 7}).text);
    EXPECT_NE(after.text, before.text);
}

TEST_F(ChatJob, AModelWithoutATemplateContinuesTheText) {
    const std::string model = plainModel();
    ChatSpeaker speaker(m_workshop, {.model = model});
    EXPECT_FALSE(speaker.label().usesTemplate);
    speaker.setSystemPrompt("Colours.");
    const ChatMessage question{"user", "What is blue?"};
    OpenedModel opened = openModel(
        m_workshop, {.model = model, .adapter = std::nullopt, .wish = {}, .otherwise = defaultQuantization()});
    EXPECT_EQ(speaker.answer({&question, 1}, shortAnswer()).text,
              generateText(opened, {.prompt = "Colours.\n\nWhat is blue?", .isRaw = true, .maxNewTokens = 12}).text);
}

TEST_F(ChatJob, StopsAndRefuses) {
    ChatSpeaker speaker(m_workshop, {.model = modelPath()});
    const ChatMessage question{"user", "What is blue?"}, answer{"assistant", "The sky."};
    std::stop_source stop;
    const SpokenAnswer stopped = speaker.answer(
        {&question, 1}, {.maxNewTokens = 100}, [&](std::string_view) { stop.request_stop(); }, stop.get_token());
    EXPECT_EQ(stopped.stop, StopReason::Stopped);
    EXPECT_LT(stopped.tokens, 100);
    EXPECT_EQ(errorOf([&] { speaker.answer({&answer, 1}, {}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([&] { speaker.answer({&question, 1}, {.maxNewTokens = 0}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([&] { speaker.answer({&question, 1}, {.temperature = -1.0}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([&] {
                  speaker.answer({&question, 1}, {.repetitionPenalty = 0.0});
              }).code(),
              ErrorCode::BadConfig);
    const ChatMessage endless{"user", std::string(5000, 'x')};
    EXPECT_EQ(errorOf([&] { speaker.answer({&endless, 1}, {}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(speaker.answer({&question, 1}, shortAnswer()).text,
              ChatSpeaker(m_workshop, {.model = modelPath()}).answer({&question, 1}, shortAnswer()).text);
}

TEST_F(ChatJob, WeightsAreKnownAgainWhereverTheyLie) {
    const fs::path copy = plainModel();
    EXPECT_EQ(weightsIdentity(copy), weightsIdentity(modelPath()));
    std::fstream file(copy / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('\x11');
    file.close();
    EXPECT_NE(weightsIdentity(copy), weightsIdentity(modelPath()));
}

} // namespace
} // namespace lorikeet
