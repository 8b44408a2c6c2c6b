// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/runs/chat_record.h"

namespace lorikeet {

// How the database holds what is never asked for by itself. Reading throws BadFile where the text is not what toJson
// writes; what a text leaves out has its default.
std::string toJson(const ChatSide& side);
std::string toJson(const std::vector<ChatSide>& sides);
std::string toJson(const ChatSampling& sampling);
ChatSide chatSideFromJson(const std::string& text);
std::vector<ChatSide> chatSidesFromJson(const std::string& text);
ChatSampling chatSamplingFromJson(const std::string& text);

} // namespace lorikeet
