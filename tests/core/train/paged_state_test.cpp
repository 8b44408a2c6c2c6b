// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/paged_state.h"

#include <cerrno>
#include <numeric>

#include <gtest/gtest.h>

#include "core/base/files.h"
#include "core/train/accounting_backend.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"
#include "tests/support/walled_backend.h"

namespace lorikeet {
namespace {

/// Pages of these sizes in a state of their own, each filled with its number.
class Paged : public testing::TestWithParam<WalledMode> {
protected:
    void TearDown() override { setFileFaultHook({}); }
    std::unique_ptr<PagedState> make(const std::vector<int64_t>& bytes, std::optional<int64_t> budget) {
        auto state = std::make_unique<PagedState>(*m_context, bytes, budget, m_folder.path());
        for (std::size_t i = 0; i < bytes.size(); ++i)
            m_backend.fill(*m_context, state->use(*m_context, i), float(i));
        return state;
    }
    void expectPage(PagedState& state, std::size_t page, int number) {
        const Tensor tensor = state.use(*m_context, page);
        std::vector<uint8_t> bytes(tensor.bytes());
        m_backend.download(*m_context, tensor, bytes.data());
        EXPECT_EQ(bytes, std::vector<uint8_t>(bytes.size(), uint8_t(number))) << "page " << page;
    }
    int64_t booked() { return m_backend.ledger().live()[MemoryTag::Optimizer]; }
    std::vector<std::size_t> resident(const PagedState& state) {
        std::vector<std::size_t> pages;
        for (std::size_t i = 0; i < state.size(); ++i)
            if (state.isResident(i))
                pages.push_back(i);
        return pages;
    }

    TemporaryFolder m_folder;
    WalledBackend m_backend{GetParam(), 1, "portable"};
    std::unique_ptr<ExecutionContext> m_context = m_backend.createContext();
};

INSTANTIATE_TEST_SUITE_P(, Paged, testing::Values(WalledMode::Immediate, WalledMode::Deferred),
                         [](const auto& one) { return one.param == WalledMode::Deferred ? "deferred" : "immediate"; });

TEST_P(Paged, WithoutABudgetEverythingIsResidentAndThereIsNoFile) {
    setFileFaultHook([](FileOperation, const std::filesystem::path&) { return EIO; });
    for (const std::optional<int64_t> budget : {std::optional<int64_t>(), std::optional<int64_t>(300)}) {
        const auto made = make({100, 200}, budget);
        PagedState& state = *made;
        EXPECT_EQ(resident(state), (std::vector<std::size_t>{0, 1}));
        EXPECT_EQ(booked(), 300);
        expectPage(state, 0, 0);
        EXPECT_EQ(state.traffic().evicted, 0);
    }
    setFileFaultHook({});
    EXPECT_EQ(booked(), 0);
}

TEST_P(Paged, WhatWasUsedTheLongestTimeAgoMakesRoom) {
    const auto made = make({100, 100, 100, 100}, 250);
    PagedState& state = *made;
    EXPECT_EQ(resident(state), (std::vector<std::size_t>{2, 3}));
    expectPage(state, 2, 2);
    expectPage(state, 0, 0);
    EXPECT_EQ(resident(state), (std::vector<std::size_t>{0, 2}));
    expectPage(state, 1, 1);
    EXPECT_EQ(resident(state), (std::vector<std::size_t>{0, 1}));
}

TEST_P(Paged, ContentsSurviveAnyOrderWithinTheBudgetWhichTheLedgerSees) {
    const std::vector<int64_t> sizes = {100, 3000, 50, 700, 700, 1, 2000};
    const auto made = make(sizes, 3100);
    PagedState& state = *made;
    std::vector<int> contents(sizes.size());
    std::iota(contents.begin(), contents.end(), 0);
    for (int64_t turn = 0; turn < 200; ++turn) {
        const std::size_t page = std::size_t(turn * turn * 7 + turn) % sizes.size();
        expectPage(state, page, contents[page]);
        state.fetchAhead(*m_context, (page + 3) % sizes.size());
        ASSERT_TRUE(state.isResident(page)) << "the page in use made room for one that is not";
        int64_t bytes = 0;
        for (const std::size_t one : resident(state))
            bytes += sizes[one];
        ASSERT_EQ(bytes, state.residentBytes());
        ASSERT_EQ(bytes, booked());
        ASSERT_LE(bytes, 3100);
        contents[page] = int(turn % 250);
        m_backend.fill(*m_context, state.use(*m_context, page), float(contents[page]));
    }
    EXPECT_GT(state.traffic().evicted, 50);
    EXPECT_LE(m_backend.ledger().peak()[MemoryTag::Optimizer], 3100);
}

TEST_P(Paged, FetchesAheadWhereBothFit) {
    const auto made = make({100, 100, 100, 200}, 250);
    PagedState& state = *made;
    state.use(*m_context, 0);
    state.fetchAhead(*m_context, 1);
    EXPECT_TRUE(state.isResident(1));
    const int64_t fetched = state.traffic().fetched;
    expectPage(state, 1, 1);
    EXPECT_EQ(state.traffic().fetched, fetched);
    state.fetchAhead(*m_context, 3);
    EXPECT_FALSE(state.isResident(3));
    EXPECT_TRUE(state.isResident(1));
    expectPage(state, 3, 3);
}

TEST_P(Paged, APageThatWasOnlyFetchedIsNotWrittenAgain) {
    const auto made = make({100, 100, 100}, 200);
    PagedState& state = *made;
    state.use(*m_context, 2);
    state.fetchAhead(*m_context, 0);
    setFileFaultHook([](FileOperation operation, const std::filesystem::path&) {
        return operation == FileOperation::Write ? ENOSPC : 0;
    });
    state.fetchAhead(*m_context, 1);
    EXPECT_TRUE(state.isResident(1));
    EXPECT_FALSE(state.isResident(0));
    // Now a page that was used must be written: the failure leaves it where it is.
    state.use(*m_context, 1);
    expectError(ErrorCode::Io, "the disk is full", [&] { state.use(*m_context, 0); });
    setFileFaultHook({});
    expectPage(state, 2, 2);
    expectPage(state, 0, 0);
}

TEST_P(Paged, APageLargerThanTheBudgetIsRefused) {
    expectError(ErrorCode::BadConfig, "training.optim_budget_mb", [&] {
        PagedState(*m_context, {100, 300}, 250, m_folder.path());
    });
}

TEST(PagedAccounts, CountWhatIsResidentWithoutAFile) {
    AccountingBackend backend;
    const auto context = backend.createContext();
    PagedState state(*context, {100, 100, 100}, 200, {});
    for (const std::size_t page : {0, 1, 2, 0})
        state.use(*context, page);
    EXPECT_EQ(backend.ledger().peak()[MemoryTag::Optimizer], 200);
    EXPECT_EQ(state.traffic().evicted, 2);
}

} // namespace
} // namespace lorikeet
