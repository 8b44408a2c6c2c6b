// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace lorikeet {

/// Memory that can be read and written only while it is open: its pages are PROT_NONE else, so that whoever follows a
/// pointer into it from outside dies at that very instruction. Any thread.
class WalledArena {
public:
    explicit WalledArena(std::size_t capacity);
    ~WalledArena();
    WalledArena(const WalledArena&) = delete;
    WalledArena& operator=(const WalledArena&) = delete;

    /// `bytes` bytes on pages of their own, every one 0xff: NaN in each float type. Throws OutOfMemory.
    std::byte* take(std::size_t bytes);
    /// Fills the block with 0xff and keeps it for another take().
    void give(std::byte* data);

    /// Between open() and close() the memory is there; calls may nest and overlap.
    void open();
    void close();

private:
    void protect(std::size_t begin, std::size_t end, bool accessible);

    std::mutex m_mutex;
    std::byte* m_base = nullptr;
    std::size_t m_capacity = 0;
    std::size_t m_used = 0;
    int m_open = 0;
    std::map<std::byte*, std::size_t> m_sizes;
    std::multimap<std::size_t, std::byte*> m_free;
};

} // namespace lorikeet
