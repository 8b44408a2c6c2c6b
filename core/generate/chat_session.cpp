// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generate/chat_session.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/model/base_model.h"

namespace lorikeet {

ChatSession::ChatSession(ExecutionContext& context, const Speaker& speaker, const ChatTemplate& chatTemplate,
                         int64_t capacity)
    : m_speaker(speaker), m_template(chatTemplate),
      m_cache(context, speaker.base.config(), speaker.base.computeType(), capacity) {}

GenerationResult ChatSession::send(ExecutionContext& context, std::string message, GenerationOptions options,
                                   const TextCallback& onText, std::stop_token stop) {
    std::vector<ChatMessage> messages = m_messages;
    messages.push_back({"user", std::move(message)});
    // The template writes its own special tokens.
    const std::vector<TokenId> prompt = m_speaker.tokenizer.encode(m_template.render(messages, true), {false, true});
    if (int64_t(prompt.size()) > m_cache.capacity())
        fail(ErrorCode::InvalidArgument, "chat: the conversation has {} tokens, {} are possible", prompt.size(),
             m_cache.capacity());
    if (options.endTokens.empty())
        options.endTokens = endTokensOf(m_speaker);

    const auto differ = std::mismatch(prompt.begin(), prompt.end(), m_cached.begin(), m_cached.end()).first;
    // The last token is computed in any case: its logits are needed.
    const int64_t common = std::min<int64_t>(differ - prompt.begin(), int64_t(prompt.size()) - 1);
    m_cached.resize(std::size_t(std::max<int64_t>(common, 0)));
    m_cache.truncate(int64_t(m_cached.size()));
    GenerationResult result;
    try {
        result = generateText(context, m_speaker, prompt, m_cache, options, onText, std::move(stop));
    } catch (...) {
        m_cache.truncate(int64_t(m_cached.size()));
        throw;
    }
    m_cached = prompt;
    m_cached.insert(m_cached.end(), result.tokens.begin(), result.tokens.end());
    m_cached.resize(std::size_t(m_cache.length()));
    messages.push_back({"assistant", result.text});
    m_messages = std::move(messages);
    return result;
}

} // namespace lorikeet
