// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/function_ref.h"

namespace lorikeet {

/// Threads that share the tiles of a loop. Tiles are handed out dynamically, so a core that is taken away by another
/// program delays one tile, not the loop. Which thread computes a tile must not matter to the result: give each tile
/// its own outputs, and cut tiles by shape alone.
class ThreadPool {
public:
    /// `threads` counts the caller: a pool of 1 starts no thread. 0 means as many as the process may use.
    explicit ThreadPool(int threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threads() const;

    /// Calls body(tile) once for each tile in [0, tiles) and returns when all are done. The caller computes too.
    /// Several threads may call at once: they share the pool's threads fairly. A body may not call parallelFor of
    /// the same pool. The first exception of a body is rethrown here, after the loop has ended.
    void parallelFor(int64_t tiles, FunctionRef<void(int64_t tile)> body);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
