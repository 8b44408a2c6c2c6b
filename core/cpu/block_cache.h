// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace lorikeet {

/// Memory of the process, in blocks aligned to 64 bytes. Freed large blocks are kept for the next request of about
/// their size, so that the activations of one training step are the pages of the next; what is lent and what is kept
/// together never exceed the most that was lent at once since the last trim. Any thread.
class BlockCache {
public:
    BlockCache() = default;
    ~BlockCache();
    BlockCache(const BlockCache&) = delete;
    BlockCache& operator=(const BlockCache&) = delete;

    /// At least `bytes` bytes, uninitialised; never null. Throws OutOfMemory.
    std::byte* take(std::size_t bytes);
    /// `bytes` as in take().
    void give(std::byte* data, std::size_t bytes) noexcept;
    /// Returns all that is kept to the system; the peak of what is lent is counted anew.
    void trim() noexcept;
    /// Bytes kept for later requests.
    std::size_t keptBytes() const;

private:
    struct Kept {
        std::byte* data;
        uint64_t age;
    };

    std::byte* takeKept(std::size_t size);
    void dropBeyond(std::size_t limit) noexcept;

    mutable std::mutex m_mutex;
    std::multimap<std::size_t, Kept> m_kept;  ///< by size
    std::map<std::byte*, std::size_t> m_lent; ///< size of each large block that is lent
    std::size_t m_keptBytes = 0;
    std::size_t m_lentBytes = 0;
    std::size_t m_peakLentBytes = 0;
    uint64_t m_clock = 0;
};

} // namespace lorikeet
