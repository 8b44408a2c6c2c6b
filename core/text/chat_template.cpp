// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/chat_template.h"

#include "core/base/error.h"
#include "core/text/jinja/evaluator.h"
#include "core/text/jinja/parser.h"
#include "core/text/utf8.h"

namespace lorikeet {

namespace {

constexpr std::size_t kLongestTemplate = std::size_t(1) << 20;

jinja::Value messageValue(const ChatMessage& message, jinja::Limits& limits) {
    auto entries = std::make_shared<jinja::Mapping>();
    entries->set(jinja::Value::string("role"), jinja::Value::string(message.role), limits);
    entries->set(jinja::Value::string("content"), jinja::Value::string(message.content), limits);
    return jinja::Value::mapping(std::move(entries));
}

} // namespace

struct ChatTemplate::State {
    jinja::Block block;
    std::string bosText, eosText;
    std::optional<WallTime> moment;
};

ChatTemplate::ChatTemplate(std::string_view source, std::string bosText, std::string eosText,
                           std::optional<WallTime> moment) {
    if (source.size() > kLongestTemplate)
        fail(ErrorCode::BadFile, "chat template: {} bytes, the limit is {}", source.size(), kLongestTemplate);
    if (const std::size_t bad = findInvalidUtf8(source); bad != std::string_view::npos)
        fail(ErrorCode::BadFile, "chat template: not UTF-8 at byte {}", bad);
    m_state = std::make_unique<const State>(
        State{jinja::parseTemplate(source), std::move(bosText), std::move(eosText), moment});
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

std::string ChatTemplate::render(std::span<const ChatMessage> messages, bool generationPrompt) const {
    std::size_t bytes = 0;
    for (const ChatMessage& message : messages) {
        requireUtf8(message.role, "chat template: a role");
        requireUtf8(message.content, "chat template: a message");
        bytes += message.role.size() + message.content.size() + sizeof(ChatMessage);
    }
    jinja::Limits limits(bytes);
    std::vector<jinja::Value> list;
    for (const ChatMessage& message : messages)
        list.push_back(messageValue(message, limits));
    jinja::Evaluator evaluator(limits,
                               {{"messages", jinja::Value::list(std::move(list), limits)},
                                {"add_generation_prompt", jinja::Value::boolean(generationPrompt)},
                                {"bos_token", jinja::Value::string(m_state->bosText)},
                                {"eos_token", jinja::Value::string(m_state->eosText)},
                                {"tools", jinja::Value::none()},
                                {"documents", jinja::Value::none()}},
                               m_state->moment ? *m_state->moment : wallTimeNow());
    return evaluator.run(m_state->block);
}

} // namespace lorikeet
