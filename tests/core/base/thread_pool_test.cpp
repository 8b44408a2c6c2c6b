// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/thread_pool.h"

#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>

#include "core/base/error.h"
#include "core/base/processors.h"

namespace lorikeet {
namespace {

void waitUntil(const std::atomic<int>& value, int atLeast) {
    while (value.load() < atLeast)
        std::this_thread::yield();
}

TEST(ThreadPool, RunsEachTileOnce) {
    for (const int threads : {1, 2, 3, 8}) {
        ThreadPool pool(threads);
        EXPECT_EQ(pool.threads(), threads);
        for (const int tiles : {0, 1, 2, 7, 1000}) {
            std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tiles));
            pool.parallelFor(tiles, [&](int64_t tile) { ++runs[std::size_t(tile)]; });
            for (const auto& count : runs)
                EXPECT_EQ(count.load(), 1);
        }
    }
}

TEST(ThreadPool, ReturnsOnlyWhenAllTilesAreDone) {
    ThreadPool pool(3);
    for (int repeat = 0; repeat < 5000; ++repeat) {
        // Plain memory: a tile still running would be a race that ThreadSanitizer reports.
        std::vector<int> values(5, 0);
        pool.parallelFor(5, [&](int64_t tile) { values[std::size_t(tile)] = repeat; });
        EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0), 5 * repeat);
    }
}

TEST(ThreadPool, ThreadsShareTheTilesOfALoop) {
    ThreadPool pool(2);
    std::atomic<int> inside = 0;
    // Each of two tiles waits for the other: one thread alone would never end.
    pool.parallelFor(2, [&](int64_t) {
        ++inside;
        waitUntil(inside, 2);
    });
    EXPECT_EQ(inside.load(), 2);
}

TEST(ThreadPool, WakesThreadsThatSleep) {
    ThreadPool pool(2);
    for (int repeat = 0; repeat < 3; ++repeat) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::atomic<int> inside = 0;
        pool.parallelFor(2, [&](int64_t) {
            ++inside;
            waitUntil(inside, 2);
        });
    }
}

TEST(ThreadPool, PoolOfOneRunsInTheCaller) {
    ThreadPool pool(1);
    const auto caller = std::this_thread::get_id();
    pool.parallelFor(4, [&](int64_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

TEST(ThreadPool, RethrowsInTheCallerAndGoesOn) {
    for (const int threads : {1, 2, 4}) {
        ThreadPool pool(threads);
        for (int repeat = 0; repeat < 100; ++repeat) {
            try {
                pool.parallelFor(20, [&](int64_t tile) {
                    if (tile == 3)
                        throw std::runtime_error("tile 3");
                });
                ADD_FAILURE() << "nothing was thrown";
            } catch (const std::runtime_error& error) {
                EXPECT_EQ(std::string(error.what()), "tile 3");
            }
        }
        std::atomic<int> runs = 0;
        pool.parallelFor(10, [&](int64_t) { ++runs; });
        EXPECT_EQ(runs.load(), 10);
    }
}

TEST(ThreadPool, SeveralCallersAtOnceEachGetTheirTiles) {
    ThreadPool pool(3);
    std::vector<std::thread> callers;
    std::vector<int64_t> sums(4, 0);
    for (std::size_t caller = 0; caller < sums.size(); ++caller)
        callers.emplace_back([&, caller] {
            for (int repeat = 0; repeat < 500; ++repeat) {
                std::vector<int64_t> values(17);
                pool.parallelFor(17, [&](int64_t tile) { values[std::size_t(tile)] = tile * int64_t(caller); });
                sums[caller] += std::accumulate(values.begin(), values.end(), int64_t(0));
            }
        });
    for (std::thread& caller : callers)
        caller.join();
    for (std::size_t caller = 0; caller < sums.size(); ++caller)
        EXPECT_EQ(sums[caller], int64_t(caller) * 136 * 500);
}

TEST(ThreadPool, APoolThreadTurnsFromOneCallerToTheOther) {
    ThreadPool pool(2);
    std::atomic<int> callersInside = 0;
    std::atomic<int> poolTiles = 0;
    std::vector<int> order; // which caller's tile the one pool thread ran
    const auto call = [&](int caller) {
        const auto self = std::this_thread::get_id();
        bool entered = false;
        pool.parallelFor(50, [&, self](int64_t) {
            if (std::this_thread::get_id() == self) {
                if (!entered) {
                    entered = true;
                    ++callersInside;
                    waitUntil(poolTiles, 98);
                }
                return;
            }
            waitUntil(callersInside, 2);
            order.push_back(caller);
            ++poolTiles;
        });
    };
    std::thread other([&] { call(1); });
    call(0);
    other.join();
    ASSERT_EQ(order.size(), 98u);
    int repeats = 0;
    for (std::size_t i = 1; i < order.size(); ++i)
        repeats += order[i] == order[i - 1] ? 1 : 0;
    EXPECT_LE(repeats, 2);
}

TEST(ThreadPool, RefusesANegativeNumberOfThreads) {
    EXPECT_THROW(ThreadPool(-1), Error);
}

TEST(Processors, ZeroThreadsMeansWhatTheAffinityMaskAllows) {
    EXPECT_EQ(ThreadPool(0).threads(), usableProcessors());
    std::thread([] {
        cpu_set_t all;
        ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
        int first = 0;
        while (!CPU_ISSET(first, &all))
            ++first;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
        EXPECT_EQ(usableProcessors(), 1);
        EXPECT_EQ(ThreadPool(0).threads(), 1);
    }).join();
}

} // namespace
} // namespace lorikeet
