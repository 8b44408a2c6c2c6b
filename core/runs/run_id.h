// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace lorikeet {

/// A new id, unique across machines: 26 characters of 0-9a-z, the first ten from the time in milliseconds (so that ids
/// sort by age), the rest 80 random bits of the system. The layout is that of a ULID, in lower case.
std::string newRunId();

/// Whether `text` has the form of a run id; such a text is safe as the name of a folder.
bool isRunId(std::string_view text);

} // namespace lorikeet
