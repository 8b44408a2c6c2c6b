// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <vector>

#include "core/runs/chat_record.h"
#include "ui/session/chat_service.h"

namespace lorikeet::ui {

/// What a side is asked in a turn, with what it is to take for said before: what it said itself, wherever it stood
/// then; else what stands on its side; else what anybody said.
ChatQuestion questionOf(const ChatSettings& settings, const std::vector<ChatTurn>& turns, int turn, int side);

/// What a conversation is called that begins like this: the first line, cut at a word.
QString titleFrom(const QString& prompt);

} // namespace lorikeet::ui
