// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/data/json_text.h"
#include "core/data/row_format.h"

namespace lorikeet {

namespace {

/// Who speaks in data in ShareGPT's style, and who that is to a chat template.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSpeakers{{{"human", "user"},
                                                                                  {"user", "user"},
                                                                                  {"gpt", "assistant"},
                                                                                  {"chatgpt", "assistant"},
                                                                                  {"assistant", "assistant"},
                                                                                  {"model", "assistant"},
                                                                                  {"system", "system"}}};

std::string asText(const Row& value, const std::string& name) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_null())
        return {};
    if (value.is_structured())
        fail(ErrorCode::BadFile, "'{}' must be text, it is {}", name.substr(0, 64), jsonKind(value));
    return value.dump();
}

const Row& member(const Row& object, const std::string& name, const char* where) {
    const auto found = object.find(name);
    if (found == object.end())
        fail(ErrorCode::BadFile, "{} '{}' is missing", where, name.substr(0, 64));
    return *found;
}

/// The text of a message: a string, or parts of which all are text.
std::string messageText(const Row& content, const std::string& name) {
    if (!content.is_array())
        return asText(content, name);
    std::string text;
    for (const Row& part : content) {
        if (!part.is_object() || !part.contains("text") || !part.contains("type") || part["type"] != "text")
            fail(ErrorCode::BadFile, "a message has a part that is no text");
        text += asText(part["text"], "text");
    }
    return text;
}

ChatMessage readMessage(const Row& message, RowFormat format) {
    if (!message.is_object())
        fail(ErrorCode::BadFile, "a message must be an object, this one is {}", jsonKind(message));
    if (format == RowFormat::Messages) {
        if (const auto calls = message.find("tool_calls"); calls != message.end() && !calls->empty())
            fail(ErrorCode::BadFile, "a message calls tools, which is not supported");
        return {asText(member(message, "role", "in a message"), "role"),
                messageText(member(message, "content", "in a message"), "content")};
    }
    const std::string speaker = asText(member(message, "from", "in a message"), "from");
    const auto* known =
        std::find_if(kSpeakers.begin(), kSpeakers.end(), [&](const auto& entry) { return entry.first == speaker; });
    if (known == kSpeakers.end())
        fail(ErrorCode::BadFile, "a message is from '{}', who is not known", speaker.substr(0, 64));
    return {std::string(known->second), messageText(member(message, "value", "in a message"), "value")};
}

class ContentReader {
public:
    ContentReader(const Row& row, const ColumnMapping& mapping) : m_row(row), m_mapping(mapping) {}

    RowContent read() const {
        RowContent content;
        content.system = text("system");
        content.text = text("text");
        content.prompt = m_mapping.format == RowFormat::Alpaca ? text("instruction") : text("prompt");
        content.input = text("input");
        content.completion = m_mapping.format == RowFormat::Alpaca ? text("output") : text("completion");
        for (const char* role : {"messages", "conversations"})
            if (const Row* list = value(role))
                readMessages(*list, content);
        return content;
    }

private:
    /// Null where the format has no such role, or it is played by no column.
    const Row* value(const std::string& role) const {
        const auto column = m_mapping.columns.find(role);
        return column == m_mapping.columns.end() ? nullptr : &member(m_row, column->second, "the column");
    }

    std::string text(const std::string& role) const {
        const auto column = m_mapping.columns.find(role);
        // An input or a system prompt may be left out of a row.
        const bool optional = role == "input" || role == "system";
        if (column == m_mapping.columns.end() || (optional && !m_row.contains(column->second)))
            return {};
        return asText(member(m_row, column->second, "the column"), column->second);
    }

    void readMessages(const Row& list, RowContent& content) const {
        if (list.is_null())
            return;
        if (!list.is_array())
            fail(ErrorCode::BadFile, "the messages must be a list, they are {}", jsonKind(list));
        if (!content.system.empty())
            content.messages.push_back({"system", content.system});
        for (const Row& message : list)
            content.messages.push_back(readMessage(message, m_mapping.format));
    }

    const Row& m_row;
    const ColumnMapping& m_mapping;
};

} // namespace

RowContent readContent(const Row& row, const ColumnMapping& mapping) {
    return ContentReader(row, mapping).read();
}

bool RowContent::empty() const {
    return text.empty() && prompt.empty() && input.empty() && completion.empty() &&
           std::all_of(messages.begin(), messages.end(),
                       [](const ChatMessage& message) { return message.role == "system" || message.content.empty(); });
}

} // namespace lorikeet
