// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/thread_pool.h"

namespace lorikeet {

/// Elements of a tile of an elementwise operation: some tens of kilobytes, well within a core's own cache.
inline constexpr int64_t kTileElements = 16 * 1024;
inline constexpr int64_t kTileBytes = 256 * 1024;

/// Calls body(begin, end) for the ranges that cut [0, count) into tiles; the cut depends on count alone.
template <typename Body>
void forEachTile(ThreadPool& pool, int64_t count, int64_t tile, Body&& body) {
    if (count <= tile) {
        body(int64_t(0), count);
        return;
    }
    pool.parallelFor((count + tile - 1) / tile,
                     [&](int64_t index) { body(index * tile, std::min(count, (index + 1) * tile)); });
}

/// Rows of `columns` elements that make a tile.
inline int64_t rowsPerTile(int64_t columns) {
    return std::max<int64_t>(1, kTileElements / std::max<int64_t>(1, columns));
}

/// The same for whole rows.
template <typename Body>
void forEachRowTile(ThreadPool& pool, int64_t rows, int64_t columns, Body&& body) {
    forEachTile(pool, rows, rowsPerTile(columns), body);
}

} // namespace lorikeet
