// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/wall_time.h"

namespace lorikeet {

struct ChatMessage {
    std::string role; ///< "system", "user" or "assistant"
    std::string content;
};

/// A model's chat template: the part of Jinja that such templates use, rendered as transformers renders it (blocks
/// trimmed, attributes sandboxed) within bounded steps, depth and memory. Immutable; any thread.
class ChatTemplate {
public:
    /// Parses `source`. `moment` is what a template that asks for the date is told; absent: the time of each rendering.
    /// Throws BadFile naming line and fault; NotBuilt for a part of Jinja that is not supported.
    ChatTemplate(std::string_view source, std::string bosText, std::string eosText,
                 std::optional<WallTime> moment = {});
    ~ChatTemplate();
    ChatTemplate(ChatTemplate&&) noexcept;
    ChatTemplate& operator=(ChatTemplate&&) noexcept;

    /// The conversation as the model wants to see it; `generationPrompt` opens the assistant's turn at the end.
    /// Throws BadConfig with the template's own words where it refuses the messages, BadFile (line and fault) where
    /// it fails or exceeds the bounds.
    std::string render(std::span<const ChatMessage> messages, bool generationPrompt) const;

private:
    struct State;
    std::unique_ptr<const State> m_state;
};

} // namespace lorikeet
