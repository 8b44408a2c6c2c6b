// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/storage.h"

#include <cstdlib>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace lorikeet {
namespace {

/// Memory of the process, at most `limit` bytes of it; counts what is out.
class LimitedAllocator : public DeviceAllocator {
public:
    explicit LimitedAllocator(std::size_t limit) : m_limit(limit) {}

    std::byte* allocateBytes(std::size_t bytes) override {
        if (m_used + bytes > m_limit)
            fail(ErrorCode::OutOfMemory, "allocate: {} bytes", bytes);
        m_used += bytes;
        return static_cast<std::byte*>(std::malloc(bytes ? bytes : 1));
    }
    void freeBytes(std::byte* data, std::size_t bytes) noexcept override {
        m_used -= bytes;
        std::free(data);
    }
    MemoryLedger& ledger() override { return m_ledger; }
    std::size_t used() const { return m_used; }

private:
    std::size_t m_limit;
    std::size_t m_used = 0;
    MemoryLedger m_ledger;
};

TEST(Storage, IsBookedUnderItsTagWhileItLives) {
    LimitedAllocator allocator(1 << 20);
    {
        const Storage weights(allocator, DType::BF16, {8, 16}, MemoryTag::Weights);
        const Storage logits(allocator, DType::F32, {10}, MemoryTag::Logits);
        EXPECT_EQ(allocator.ledger().live()[MemoryTag::Weights], 256);
        EXPECT_EQ(allocator.ledger().live()[MemoryTag::Logits], 40);
        EXPECT_EQ(allocator.ledger().live().total(), 296);
    }
    EXPECT_EQ(allocator.ledger().live().total(), 0);
    EXPECT_EQ(allocator.used(), 0u);
    EXPECT_EQ(allocator.ledger().peak().total(), 296);
}

TEST(Storage, MovingHandsTheMemoryOver) {
    LimitedAllocator allocator(1 << 20);
    Storage first(allocator, DType::F32, {4}, MemoryTag::Adapters);
    std::byte* data = first.view().data;
    Storage second = std::move(first);
    EXPECT_EQ(second.view().data, data);
    EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): what is left is the point
    second = Storage(allocator, DType::F32, {2}, MemoryTag::Gradients);
    EXPECT_EQ(allocator.ledger().live()[MemoryTag::Adapters], 0);
    EXPECT_EQ(allocator.ledger().live()[MemoryTag::Gradients], 8);
    second.reset();
    EXPECT_EQ(allocator.used(), 0u);
}

TEST(Storage, AFailedAllocationBooksNothing) {
    LimitedAllocator allocator(100);
    EXPECT_THROW(Storage(allocator, DType::F32, {26}, MemoryTag::Weights), Error);
    EXPECT_EQ(allocator.ledger().live().total(), 0);
    EXPECT_EQ(allocator.ledger().peak().total(), 0);
}

TEST(Storage, BytesBeyondAnyMemoryAreRefusedWithTheShape) {
    LimitedAllocator allocator(100);
    try {
        const Storage storage(allocator, DType::F32, {int64_t(1) << 32, int64_t(1) << 30}, MemoryTag::KvCache);
        FAIL() << "2^64 bytes became " << storage.view().bytes();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::OutOfMemory);
        EXPECT_NE(error.message().find("[4294967296, 1073741824]"), std::string::npos) << error.message();
    }
    EXPECT_EQ(allocator.ledger().live().total(), 0);
}

TEST(MemoryLedger, PeakHoldsTheTagsOfOneMoment) {
    MemoryLedger ledger;
    ledger.add(MemoryTag::Activations, 100);
    ledger.remove(MemoryTag::Activations, 90);
    ledger.add(MemoryTag::Weights, 80);
    EXPECT_EQ(ledger.peak()[MemoryTag::Activations], 100);
    EXPECT_EQ(ledger.peak()[MemoryTag::Weights], 0);
    ledger.add(MemoryTag::Weights, 20);
    EXPECT_EQ(ledger.peak()[MemoryTag::Activations], 10);
    EXPECT_EQ(ledger.peak()[MemoryTag::Weights], 100);
    ledger.remove(MemoryTag::Weights, 100);
    ledger.resetPeak();
    EXPECT_EQ(ledger.peak().total(), 10);
}

TEST(MemoryLedger, BooksFromSeveralThreadsAddUp) {
    MemoryLedger ledger;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&ledger] {
            for (int i = 0; i < 1000; ++i) {
                ledger.add(MemoryTag::Workspace, 3);
                ledger.remove(MemoryTag::Workspace, 2);
            }
        });
    threads.clear();
    EXPECT_EQ(ledger.live()[MemoryTag::Workspace], 4000);
}

} // namespace
} // namespace lorikeet
