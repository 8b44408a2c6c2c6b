// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "core/data/data_config.h"

namespace lorikeet {

/// A part that a column plays in a format.
struct Role {
    std::string_view name;
    bool required;
    bool isConversation; ///< a list of messages rather than text
    std::span<const std::string_view> usualColumns;
};

/// The roles of a format (not Auto).
std::span<const Role> rolesOf(RowFormat format);

/// The run file's word for a format, for messages.
std::string_view formatWord(RowFormat format);

} // namespace lorikeet
