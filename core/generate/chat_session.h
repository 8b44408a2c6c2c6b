// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/generate/generation.h"
#include "core/model/kv_cache.h"
#include "core/text/chat_template.h"

namespace lorikeet {

/// A conversation with one model. What the cache holds of it is not computed again with the next message. One thread
/// at a time; speaker and template must outlive it.
class ChatSession {
public:
    /// `capacity`: how many tokens the whole conversation may have.
    ChatSession(ExecutionContext&, const Speaker& speaker, const ChatTemplate& chatTemplate, int64_t capacity);

    /// Goes on with the conversation: adds the user's message and the answer to it. Where this throws, the
    /// conversation is as before. options.endTokens may be empty: then endTokensOf() the speaker end the answer.
    /// Throws InvalidArgument, naming both, where the conversation has more tokens than the capacity.
    GenerationResult send(ExecutionContext&, std::string message, GenerationOptions options,
                          const TextCallback& onText = {}, std::stop_token stop = {});

    const std::vector<ChatMessage>& messages() const { return m_messages; }
    /// Begins anew, or goes on, with these messages: a system prompt, an earlier conversation.
    void setMessages(std::vector<ChatMessage> messages) { m_messages = std::move(messages); }

private:
    Speaker m_speaker;
    const ChatTemplate& m_template;
    KvCache m_cache;
    std::vector<TokenId> m_cached; ///< the tokens whose keys and values m_cache holds
    std::vector<ChatMessage> m_messages;
};

} // namespace lorikeet
