// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "core/runs/chat_record.h"
#include "ui/pages/navigator.h"

namespace lorikeet::ui {

class ChatSources;

// Who is put on the sides of a conversation before the user chooses.

/// The newest run beside its base, else a model; none where there is nobody.
std::vector<ChatSide> usualSides(const ChatSources& sources);
/// What a target asks for, its base beside it.
std::vector<ChatSide> sidesFor(const ChatSources& sources, const ChatTarget& target);
/// Who could stand beside that one; none where there is nobody else.
std::optional<ChatSide> partnerOf(const ChatSources& sources, const ChatSide& side);

} // namespace lorikeet::ui
