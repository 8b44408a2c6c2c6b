// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/tiles.h"

namespace lorikeet {

/// Columns that one tile of a sum down the rows owns: some cache lines of each row.
inline constexpr int64_t kColumnStrip = 64;

/// Calls body(begin, end) for the strips of `columns`.
template <typename Body>
void forEachColumnStrip(ThreadPool& pool, int64_t columns, Body&& body) {
    forEachTile(pool, columns, kColumnStrip, body);
}

} // namespace lorikeet
