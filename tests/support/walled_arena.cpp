// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/walled_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "core/base/error.h"

namespace lorikeet {

namespace {

constexpr std::size_t kPage = 4096;
constexpr int kPoison = 0xff;

} // namespace

WalledArena::WalledArena(std::size_t capacity) : m_capacity(capacity) {
    void* base = mmap(nullptr, capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        fail(ErrorCode::OutOfMemory, "walled arena: {} bytes could not be reserved", capacity);
    m_base = static_cast<std::byte*>(base);
}

WalledArena::~WalledArena() {
    munmap(m_base, m_capacity);
}

void WalledArena::protect(std::size_t begin, std::size_t end, bool accessible) {
    if (begin < end && mprotect(m_base + begin, end - begin, accessible ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
        fail(ErrorCode::OutOfMemory, "walled arena: {} bytes could not be protected", end - begin);
}

std::byte* WalledArena::take(std::size_t bytes) {
    const std::size_t size = std::max(kPage, (bytes + kPage - 1) / kPage * kPage);
    const std::lock_guard lock(m_mutex);
    const auto kept = m_free.lower_bound(size);
    if (kept != m_free.end() && kept->first <= size + size / 2) {
        std::byte* data = kept->second;
        m_sizes.emplace(data, kept->first);
        m_free.erase(kept);
        return data;
    }
    if (size > m_capacity - m_used)
        fail(ErrorCode::OutOfMemory, "walled arena: {} bytes beside {} in use", size, m_used);
    std::byte* data = m_base + m_used;
    protect(m_used, m_used + size, true);
    std::memset(data, kPoison, size);
    protect(m_used, m_used + size, m_open > 0);
    m_used += size;
    m_sizes.emplace(data, size);
    return data;
}

void WalledArena::give(std::byte* data) {
    open();
    {
        const std::lock_guard lock(m_mutex);
        const auto block = m_sizes.find(data);
        std::memset(data, kPoison, block->second);
        m_free.emplace(block->second, data);
        m_sizes.erase(block);
    }
    close();
}

void WalledArena::open() {
    const std::lock_guard lock(m_mutex);
    if (m_open++ == 0)
        protect(0, m_used, true);
}

void WalledArena::close() {
    const std::lock_guard lock(m_mutex);
    if (--m_open == 0)
        protect(0, m_used, false);
}

} // namespace lorikeet
