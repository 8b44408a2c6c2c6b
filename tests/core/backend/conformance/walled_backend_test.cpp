// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/walled_backend.h"

#include <unistd.h>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lorikeet {
namespace {

/// Whether this process may read there: the kernel says so without a fault.
bool readable(const std::byte* data) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const bool result = write(ends[1], data, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return result;
}

TEST(WalledBackend, MemoryIsOutOfReachBetweenOperations) {
    for (const WalledMode mode : {WalledMode::Immediate, WalledMode::Deferred}) {
        WalledBackend backend(mode);
        const auto context = backend.createContext();
        const float ones[3] = {1, 1, 1};
        const Storage x = context->allocate(DType::F32, {3}, MemoryTag::Workspace);
        EXPECT_FALSE(readable(x.view().data));
        backend.upload(*context, ones, x);
        backend.scale(*context, x, 2.0f, x);
        EXPECT_FALSE(readable(x.view().data));
        float values[3] = {};
        backend.download(*context, x, values);
        EXPECT_EQ(values[2], 2.0f);
        EXPECT_FALSE(readable(x.view().data));
    }
}

TEST(WalledBackend, FreshMemoryIsNotANumber) {
    WalledBackend backend(WalledMode::Immediate);
    const auto context = backend.createContext();
    for (int round = 0; round < 2; ++round) {
        const Storage x = context->allocate(DType::F32, {5}, MemoryTag::Workspace);
        float values[5] = {};
        backend.download(*context, x, values);
        for (const float value : values)
            EXPECT_TRUE(std::isnan(value));
        backend.fill(*context, x, 1.0f);
    }
}

TEST(WalledBackend, DeferredOperationsWaitForADownload) {
    WalledBackend backend(WalledMode::Deferred);
    const auto context = backend.createContext();
    const Storage x = context->allocate(DType::F32, {2}, MemoryTag::Workspace);
    {
        float host[2] = {3, 4};
        backend.upload(*context, host, x);
        host[0] = host[1] = -1; // the upload has copied
    }
    backend.scale(*context, x, 2.0f, x);
    EXPECT_EQ(backend.queued(), 2);
    EXPECT_EQ(backend.downloads(), 0);
    float values[2] = {};
    backend.download(*context, x, values);
    EXPECT_EQ(values[0], 6.0f);
    EXPECT_EQ(values[1], 8.0f);
    EXPECT_EQ(backend.queued(), 0);
    EXPECT_EQ(backend.downloads(), 1);
    backend.scale(*context, x, 2.0f, x);
    backend.synchronize(*context);
    EXPECT_EQ(backend.queued(), 0);
    EXPECT_EQ(backend.synchronizations(), 1);
}

TEST(WalledBackend, AFreedTensorReadsAsNanInTheOrderOfTheQueue) {
    WalledBackend backend(WalledMode::Deferred);
    const auto context = backend.createContext();
    const Storage before = context->allocate(DType::F32, {4}, MemoryTag::Workspace);
    const Storage after = context->allocate(DType::F32, {4}, MemoryTag::Workspace);
    Storage x = context->allocate(DType::F32, {4}, MemoryTag::Workspace);
    const Tensor dangling = x;
    backend.fill(*context, x, 7.0f);
    backend.scale(*context, x, 1.0f, before);
    x.reset();
    backend.scale(*context, dangling, 1.0f, after);
    float good[4] = {}, bad[4] = {};
    backend.download(*context, before, good);
    backend.download(*context, after, bad);
    EXPECT_EQ(good[3], 7.0f);
    EXPECT_TRUE(std::isnan(bad[0]));
}

TEST(WalledBackend, KeepsTheLedger) {
    WalledBackend backend(WalledMode::Deferred);
    const auto context = backend.createContext();
    {
        const Storage x = context->allocate(DType::F32, {100}, MemoryTag::Logits);
        EXPECT_EQ(backend.ledger().live()[MemoryTag::Logits], 400);
    }
    EXPECT_EQ(backend.ledger().live().total(), 0);
}

} // namespace
} // namespace lorikeet
