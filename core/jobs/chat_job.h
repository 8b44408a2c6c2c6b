// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/generate/generation.h"
#include "core/jobs/open_model.h"
#include "core/runs/chat_record.h"
#include "core/text/chat_template.h"

namespace lorikeet {

class ChatSession;
class RunStore;

/// Who speaks on one side of a conversation.
struct ChatSource {
    std::string model;                                 ///< a path or a library's name
    std::optional<std::filesystem::path> adapter = {}; ///< or the folder of a full finetuning (see ModelRequest)
    BaseWish wish = {};               ///< what it leaves open is what the adapter was trained over, else nf4
    std::optional<int64_t> step = {}; ///< of the run that the adapter is from, where it is known
};

/// What a run trained, or its checkpoint at `step`. Throws NotFound where there is none.
ChatSource chatSourceOfRun(const RunStore& store, std::string_view run, std::optional<int64_t> step = std::nullopt);
/// The same model without the adapter, in the very form that the adapter is used over: what it is compared with.
ChatSource baseOf(const ChatSource& source);

/// What made an answer: to be shown with it, and kept.
struct ChatLabel {
    std::string model;    ///< its name
    std::string dataType; ///< of the linear layers in memory: "NF4", "BF16"
    std::string weights;  ///< first 8 hexadecimal digits of weightsIdentity(); the same for both sides over one base
    std::string adapter;  ///< first 8 hexadecimal digits of the SHA-256 of its tensors' file; empty without one; of a
                          ///< full finetuning those of weights
    std::optional<int64_t> step; ///< of the adapter
    bool usesTemplate = false; ///< else texts are continued as they are: the model has no chat template, or the adapter
                               ///< was trained without it

    bool operator==(const ChatLabel&) const = default;
};

/// What was said, and how it ended.
struct SpokenAnswer {
    std::string text;
    int64_t tokens = 0;
    double tokensPerSecond = 0.0;
    StopReason stop = StopReason::EndToken;
};

/// One side of a conversation. The base is shared with whoever has it open in the same form. One thread at a time; the
/// workshop must outlive it.
class ChatSpeaker {
public:
    /// Opens the model and, where there is one, the adapter. Throws as openModel.
    ChatSpeaker(Workshop& workshop, const ChatSource& source, const ProgressObserver& progress = {},
                std::stop_token stop = {});
    ~ChatSpeaker();

    const ChatLabel& label() const { return m_label; }
    /// Said before every conversation from now on; empty: nothing.
    void setSystemPrompt(std::string text) { m_systemPrompt = std::move(text); }

    /// The answer to a conversation whose last message is the user's, without the system prompt. What is kept from the
    /// answer before is not computed again, so messages may be edited or left out. `onText` hears whole characters as
    /// they come. Throws BadConfig for sampling out of range, for messages that the template refuses, and for more
    /// tokens than the model has positions.
    SpokenAnswer answer(std::span<const ChatMessage> messages, const ChatSampling& sampling,
                        const TextCallback& onText = {}, std::stop_token stop = {});

private:
    GenerationResult answerByTemplate(std::vector<ChatMessage> messages, const ChatSampling& sampling,
                                      const TextCallback& onText, std::stop_token stop);
    GenerationResult continueText(std::span<const ChatMessage> messages, const ChatSampling& sampling,
                                  const TextCallback& onText, std::stop_token stop);

    OpenedModel m_model;
    ChatLabel m_label;
    std::string m_systemPrompt;
    const ChatTemplate* m_template; ///< null where there is none to use
    std::unique_ptr<ChatSession> m_session;
    int64_t m_capacity = 0; ///< tokens that m_session has room for
};

} // namespace lorikeet
