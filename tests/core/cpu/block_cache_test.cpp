// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/block_cache.h"

#include <cstring>

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include "core/base/error.h"

namespace lorikeet {
namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;

TEST(BlockCache, LendsTheSamePagesAgain) {
    BlockCache cache;
    std::byte* first = cache.take(4 * kMegabyte);
    std::memset(first, 1, 4 * kMegabyte);
    cache.give(first, 4 * kMegabyte);
    EXPECT_EQ(cache.keptBytes(), 4 * kMegabyte);
    EXPECT_EQ(cache.take(4 * kMegabyte - 100000), first) << "a block a little larger serves, too";
    EXPECT_EQ(cache.keptBytes(), 0u);
    cache.give(first, 4 * kMegabyte - 100000);
}

TEST(BlockCache, NeverHoldsMoreThanWasLentAtOnce) {
    BlockCache cache;
    std::byte* small = cache.take(kMegabyte);
    cache.give(small, kMegabyte);
    std::byte* large = cache.take(2 * kMegabyte);
    EXPECT_EQ(cache.keptBytes(), 0u) << "1 MB kept beside 2 MB lent would exceed what was ever lent";
    cache.give(large, 2 * kMegabyte);
    std::byte* middle = cache.take(kMegabyte);
    EXPECT_EQ(cache.keptBytes(), 0u) << "2 MB kept beside 1 MB lent, too";
    cache.give(middle, kMegabyte);
    EXPECT_EQ(cache.keptBytes(), kMegabyte);
    cache.trim();
    EXPECT_EQ(cache.keptBytes(), 0u);
}

TEST(BlockCache, BlocksOfEverySizeAreAlignedAndDistinct) {
    BlockCache cache;
    for (std::size_t bytes : {std::size_t(0), std::size_t(1), std::size_t(65), std::size_t(131071), kMegabyte + 1}) {
        std::byte* a = cache.take(bytes);
        std::byte* b = cache.take(bytes);
        ASSERT_NE(a, nullptr);
        EXPECT_NE(a, b);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % 64, 0u);
        std::memset(a, 0xff, bytes);
        cache.give(a, bytes);
        cache.give(b, bytes);
    }
}

#ifdef __SANITIZE_ADDRESS__
TEST(BlockCache, ShowsAddressSanitizerWhatIsNotLent) {
    for (const std::size_t bytes : {std::size_t(101), kMegabyte + 1}) {
        BlockCache cache;
        std::byte* block = cache.take(bytes);
        EXPECT_FALSE(__asan_address_is_poisoned(block));
        EXPECT_FALSE(__asan_address_is_poisoned(block + bytes - 1));
        EXPECT_TRUE(__asan_address_is_poisoned(block + bytes));
        cache.give(block, bytes);
        EXPECT_TRUE(__asan_address_is_poisoned(block));
    }
}
#endif

TEST(BlockCache, SaysHowMuchCouldNotBeAllocated) {
    BlockCache cache;
    for (std::size_t bytes : {std::size_t(1) << 60, SIZE_MAX}) {
        try {
            cache.take(bytes);
            FAIL() << "allocated " << bytes;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::OutOfMemory);
            EXPECT_NE(error.message().find(std::to_string(bytes)), std::string::npos) << error.message();
        }
    }
}

} // namespace
} // namespace lorikeet
