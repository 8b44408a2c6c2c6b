// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/runs/run_record.h"

namespace lorikeet {

/// More sides a conversation does not have.
inline constexpr int64_t kMostChatSides = 8;

/// What speaks on one side of a conversation.
struct ChatSide {
    std::string model;                       ///< a path or a library's name
    std::optional<std::string> adapter = {}; ///< folder
    std::optional<std::string> run = {};     ///< id of the run that made the adapter
    std::optional<int64_t> step = {};        ///< of the checkpoint; none: the run's end

    bool operator==(const ChatSide&) const = default;
};

/// How answers are drawn, the same on both sides.
struct ChatSampling {
    double temperature = 0.7;
    double topP = 0.95;
    double repetitionPenalty = 1.0;
    int64_t maxNewTokens = 256;
    uint64_t seed = 42;

    bool operator==(const ChatSampling&) const = default;
};

/// What a user can change of a conversation.
struct ChatSettings {
    std::string title;
    std::optional<std::string> systemPrompt = {}; ///< none: that of the model's chat template
    ChatSampling sampling = {};
    std::vector<ChatSide> sides; ///< from left to right

    bool operator==(const ChatSettings&) const = default;
};

/// A conversation without its turns.
struct Conversation {
    std::string id;
    ChatSettings settings;
    int64_t turns = 0;
    UnixMilliseconds created = 0;
    UnixMilliseconds updated = 0; ///< when a turn was last added, changed or removed
    bool isDeleted = false;       ///< hidden, until it is purged or shown again
};

/// What one side said, and what it was when it did.
struct ChatAnswer {
    std::string text;
    std::string label; ///< model and adapter in words, as they were called then
    ChatSide source = {};
    uint64_t seed = 0;
    int64_t tokens = 0;
    double tokensPerSecond = std::numeric_limits<double>::quiet_NaN();
    std::string stopReason = {}; ///< "end", "length", "stopped"; empty while it is being written

    bool operator==(const ChatAnswer&) const = default;
};

/// A prompt and what the sides answered.
struct ChatTurn {
    std::string prompt;
    std::vector<std::optional<ChatAnswer>> answers = {}; ///< by side; none: that side was not asked
    std::string vote = {};                               ///< which is better: "left", "right", "tie", or empty
    UnixMilliseconds created = 0;
};

} // namespace lorikeet
