// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/block_cache.h"

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/error.h"

namespace lorikeet {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kPage = 4096;
/// Smaller blocks come from malloc, which keeps their pages anyway.
constexpr std::size_t kLarge = 128 * 1024;

std::size_t wholePages(std::size_t bytes) {
    return (bytes + kPage - 1) / kPage * kPage;
}

bool isLarge(std::size_t bytes) {
    return bytes >= kLarge;
}

[[noreturn]] void failAllocation(std::size_t bytes) {
    fail(ErrorCode::OutOfMemory, "cpu: {} bytes ({:.1f} MB) could not be allocated", bytes, double(bytes) / 1e6);
}

/// Large blocks are mappings of their own: what is dropped goes back to the system at once. AddressSanitizer, where it
/// is built in, is told which bytes of them are lent.
std::byte* mapBlock(std::size_t size) {
    void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return nullptr;
    ASAN_POISON_MEMORY_REGION(data, size);
    return static_cast<std::byte*>(data);
}

void unmapBlock(std::byte* data, std::size_t size) noexcept {
    ASAN_UNPOISON_MEMORY_REGION(data, size); // whoever maps these pages next may use them
    munmap(data, size);
}

} // namespace

BlockCache::~BlockCache() {
    dropBeyond(0);
}

std::byte* BlockCache::take(std::size_t bytes) {
    if (bytes > SIZE_MAX - kPage)
        failAllocation(bytes);
    if (!isLarge(bytes)) {
        void* data = nullptr; // of exactly that size, so that AddressSanitizer sees an access just beyond
        if (posix_memalign(&data, kAlignment, std::max<std::size_t>(bytes, 1)) != 0)
            failAllocation(bytes);
        return static_cast<std::byte*>(data);
    }
    const std::size_t size = wholePages(bytes);
    const std::lock_guard lock(m_mutex);
    std::byte* data = takeKept(size);
    if (!data) {
        const std::size_t lent = m_lentBytes + size;
        dropBeyond(m_peakLentBytes > lent ? m_peakLentBytes - lent : 0);
        data = mapBlock(size);
        if (!data) {
            dropBeyond(0);
            data = mapBlock(size);
        }
        if (!data)
            failAllocation(bytes);
        m_lent.emplace(data, size);
        m_lentBytes += size;
    }
    m_peakLentBytes = std::max(m_peakLentBytes, m_lentBytes);
    ASAN_UNPOISON_MEMORY_REGION(data, bytes);
    return data;
}

/// The smallest kept block that holds `size` and wastes little; null where there is none.
std::byte* BlockCache::takeKept(std::size_t size) {
    const auto found = m_kept.lower_bound(size);
    if (found == m_kept.end() || found->first > size + size / 8)
        return nullptr;
    std::byte* data = found->second.data;
    m_lent.emplace(data, found->first);
    m_lentBytes += found->first;
    m_keptBytes -= found->first;
    m_kept.erase(found);
    return data;
}

void BlockCache::give(std::byte* data, std::size_t bytes) noexcept {
    if (!isLarge(bytes)) {
        std::free(data);
        return;
    }
    const std::lock_guard lock(m_mutex);
    const auto found = m_lent.find(data);
    const std::size_t size = found->second;
    m_lent.erase(found);
    m_lentBytes -= size;
    m_keptBytes += size;
    m_kept.emplace(size, Kept{data, ++m_clock});
    ASAN_POISON_MEMORY_REGION(data, size);
    dropBeyond(m_peakLentBytes - m_lentBytes);
}

/// Drops the blocks that have been kept longest until at most `limit` bytes are kept.
void BlockCache::dropBeyond(std::size_t limit) noexcept {
    while (m_keptBytes > limit) {
        const auto oldest = std::min_element(m_kept.begin(), m_kept.end(),
                                             [](const auto& a, const auto& b) { return a.second.age < b.second.age; });
        unmapBlock(oldest->second.data, oldest->first);
        m_keptBytes -= oldest->first;
        m_kept.erase(oldest);
    }
}

void BlockCache::trim() noexcept {
    const std::lock_guard lock(m_mutex);
    dropBeyond(0);
    m_peakLentBytes = m_lentBytes;
}

std::size_t BlockCache::keptBytes() const {
    const std::lock_guard lock(m_mutex);
    return m_keptBytes;
}

} // namespace lorikeet
