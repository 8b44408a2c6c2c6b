// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json_input.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet::cli {
namespace {

/// Deeper than any list of ids or messages; deeper input is refused before it can exhaust the stack.
constexpr int kDeepest = 16;

nlohmann::json parse(const std::string& text, std::string_view source) {
    bool tooDeep = false;
    const auto limitDepth = [&tooDeep](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        tooDeep = tooDeep || depth > kDeepest;
        return depth <= kDeepest;
    };
    nlohmann::json value = nlohmann::json::parse(text, limitDepth, false);
    if (tooDeep)
        fail(ErrorCode::BadFile, "{}: JSON is nested more than {} deep", source, kDeepest);
    if (value.is_discarded())
        fail(ErrorCode::BadFile, "{}: this is not valid JSON", source);
    return value;
}

} // namespace

std::vector<TokenId> parseTokenIds(const std::string& text, std::string_view source) {
    const nlohmann::json value = parse(text, source);
    if (!value.is_array())
        fail(ErrorCode::BadFile, "{}: a JSON array of token ids is expected", source);
    std::vector<TokenId> ids;
    ids.reserve(value.size());
    for (const nlohmann::json& id : value) {
        if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<TokenId>::max())
            fail(ErrorCode::BadFile, "{}: element {} of the array is no token id", source, ids.size());
        ids.push_back(id.get<TokenId>());
    }
    return ids;
}

std::vector<ChatMessage> parseMessages(const std::string& text, std::string_view source) {
    nlohmann::json value = parse(text, source);
    if (value.is_object() && value.contains("messages"))
        value = nlohmann::json(value["messages"]);
    if (!value.is_array())
        fail(ErrorCode::BadFile, "{}: a JSON array of messages is expected", source);
    std::vector<ChatMessage> messages;
    for (const nlohmann::json& message : value) {
        if (!message.is_object() || !message.contains("role") || !message["role"].is_string() ||
            !message.contains("content") || !message["content"].is_string())
            fail(ErrorCode::BadFile, "{}: message {} needs \"role\" and \"content\", both text", source,
                 messages.size() + 1);
        messages.push_back({message["role"], message["content"]});
    }
    return messages;
}

} // namespace lorikeet::cli
