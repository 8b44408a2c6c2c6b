// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/format_roles.h"

#include <array>

namespace lorikeet {

namespace {

using Names = std::string_view;

constexpr std::array kText{Names("text")};
constexpr std::array kPrompt{Names("prompt"), Names("question")};
constexpr std::array kCompletion{Names("completion"), Names("answer"), Names("response")};
constexpr std::array kInstruction{Names("instruction")};
constexpr std::array kInput{Names("input")};
constexpr std::array kOutput{Names("output"), Names("response")};
constexpr std::array kConversation{Names("messages"), Names("conversations"), Names("conversation")};

// A system column is used only where data.columns names it: what it holds differs too much between datasets.
constexpr Role kSystem{"system", false, false, {}};

constexpr std::array kTextRoles{Role{"text", true, false, kText}};
constexpr std::array kPromptCompletionRoles{Role{"prompt", true, false, kPrompt},
                                            Role{"completion", true, false, kCompletion}, kSystem};
constexpr std::array kAlpacaRoles{Role{"instruction", true, false, kInstruction}, Role{"input", false, false, kInput},
                                  Role{"output", true, false, kOutput}, kSystem};
constexpr std::array kMessagesRoles{Role{"messages", true, true, kConversation}, kSystem};
constexpr std::array kShareGptRoles{Role{"conversations", true, true, kConversation}, kSystem};

} // namespace

std::span<const Role> rolesOf(RowFormat format) {
    switch (format) {
    case RowFormat::Text:
        return kTextRoles;
    case RowFormat::PromptCompletion:
        return kPromptCompletionRoles;
    case RowFormat::Alpaca:
        return kAlpacaRoles;
    case RowFormat::Messages:
        return kMessagesRoles;
    case RowFormat::ShareGpt:
        return kShareGptRoles;
    case RowFormat::Auto:
        break;
    }
    return {};
}

std::string_view formatWord(RowFormat format) {
    switch (format) {
    case RowFormat::Text:
        return "text";
    case RowFormat::PromptCompletion:
        return "prompt_completion";
    case RowFormat::Alpaca:
        return "alpaca";
    case RowFormat::Messages:
        return "messages";
    case RowFormat::ShareGpt:
        return "sharegpt";
    case RowFormat::Auto:
        break;
    }
    return "auto";
}

} // namespace lorikeet
