// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/data/example.h"

namespace lorikeet {

namespace {

constexpr std::size_t kShownBytes = 40;

/// A stretch of text as it can stand in a message, whatever bytes it has.
std::string shown(std::string_view text) {
    return nlohmann::json(text.substr(0, kShownBytes)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Builds the pieces of a conversation: each call adds what a longer rendering has more than the one before.
class PieceCutter {
public:
    PieceCutter(const ChatTemplate& chatTemplate, std::span<const ChatMessage> messages)
        : m_template(chatTemplate), m_messages(messages) {}

    void extendTo(std::size_t messages, bool generationPrompt, bool trained) {
        std::string longer = m_template.render(m_messages.first(messages), generationPrompt);
        if (!longer.starts_with(m_rendered))
            failAtDifference(longer, messages, generationPrompt);
        if (longer.size() > m_rendered.size())
            m_pieces.push_back({longer.substr(m_rendered.size()), trained, false, false});
        m_rendered = std::move(longer);
    }

    std::vector<Piece> finish() { return std::move(m_pieces); }

private:
    [[noreturn]] void failAtDifference(std::string_view longer, std::size_t messages, bool generationPrompt) const {
        const auto [before, after] = std::mismatch(m_rendered.begin(), m_rendered.end(), longer.begin(), longer.end());
        const auto at = std::size_t(before - m_rendered.begin());
        fail(ErrorCode::BadFile,
             "the chat template does not go on from what it rendered before, so what is trained cannot be told: the "
             "first {} messages{} begin otherwise at byte {}: {} where it was {}",
             messages, generationPrompt ? " and the generation prompt" : "", at, shown(longer.substr(at)),
             shown(std::string_view(m_rendered).substr(at)));
    }

    const ChatTemplate& m_template;
    std::span<const ChatMessage> m_messages;
    std::string m_rendered;
    std::vector<Piece> m_pieces;
};

std::vector<Piece> cutChat(const ChatTemplate& chatTemplate, std::span<const ChatMessage> messages) {
    PieceCutter cutter(chatTemplate, messages);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (messages[i].role != "assistant")
            continue;
        cutter.extendTo(i, true, false);
        cutter.extendTo(i + 1, false, true);
    }
    return cutter.finish();
}

std::string joinedByBlankLine(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? first + second : first + "\n\n" + second;
}

std::vector<ChatMessage> asMessages(const RowContent& content) {
    std::vector<ChatMessage> messages;
    if (!content.system.empty())
        messages.push_back({"system", content.system});
    messages.push_back({"user", joinedByBlankLine(content.prompt, content.input)});
    messages.push_back({"assistant", content.completion});
    return messages;
}

std::vector<Piece> cutPlain(const RowContent& content, RowFormat format) {
    if (format == RowFormat::Text)
        return {{content.text, true, true, true}};
    const std::string prompt =
        format == RowFormat::Alpaca ? alpacaPrompt(content.prompt, content.input) : content.prompt;
    return {{joinedByBlankLine(content.system, prompt), false, true, false}, {content.completion, true, false, true}};
}

} // namespace

std::vector<Piece> cutIntoPieces(const RowContent& content, RowFormat format, const ChatTemplate* chatTemplate,
                                 TrainOn trainOn) {
    std::vector<Piece> pieces;
    const bool isChat = format == RowFormat::Messages || format == RowFormat::ShareGpt;
    if (isChat && !chatTemplate)
        fail(ErrorCode::BadConfig, "a conversation needs a chat template, and there is none");
    if (chatTemplate && format != RowFormat::Text)
        pieces = cutChat(*chatTemplate, isChat ? content.messages : asMessages(content));
    else
        pieces = cutPlain(content, format);
    if (trainOn == TrainOn::All)
        for (Piece& piece : pieces)
            piece.trained = true;
    return pieces;
}

std::string alpacaPrompt(const std::string& instruction, const std::string& input) {
    // The wording of the Stanford Alpaca project, which the datasets in its format are trained with.
    if (input.empty())
        return "Below is an instruction that describes a task. "
               "Write a response that appropriately completes the request.\n\n"
               "### Instruction:\n" +
               instruction + "\n\n### Response:";
    return "Below is an instruction that describes a task, paired with an input that provides further context. "
           "Write a response that appropriately completes the request.\n\n"
           "### Instruction:\n" +
           instruction + "\n\n### Input:\n" + input + "\n\n### Response:";
}

} // namespace lorikeet
