// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/work_threads.h"

#include <future>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lorikeet::ui {
namespace {

using namespace std::chrono_literals;

TEST(WorkThreads, OneThreadDoesOneAfterTheOtherInTheOrderOfAsking) {
    std::vector<int> done;
    std::thread::id thread;
    {
        WorkThreads one("one");
        for (int i = 0; i < 1000; ++i)
            one.post([&done, &thread, i] {
                done.push_back(i);
                thread = std::this_thread::get_id();
            });
    } // which waits for all
    ASSERT_EQ(done.size(), 1000u);
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(done[size_t(i)], i);
    EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(WorkThreads, AsManyAtOnceAsThereAreThreads) {
    std::latch together(3);
    WorkThreads three("three", 3);
    for (int i = 0; i < 3; ++i)
        three.post([&] { together.arrive_and_wait(); });
    three.finish(); // never, if one of them had to wait for another
    EXPECT_TRUE(together.try_wait());
}

TEST(WorkThreads, NoMoreAtOnceThanThereMayBe) {
    std::atomic<int> running = 0, most = 0;
    WorkThreads two("two", 2);
    for (int i = 0; i < 20; ++i)
        two.post([&] {
            const int now = ++running;
            for (int known = most; now > known && !most.compare_exchange_weak(known, now);)
                ;
            std::this_thread::sleep_for(1ms);
            --running;
        });
    two.finish();
    EXPECT_EQ(most, 2);
}

TEST(WorkThreads, WorkMayAskForMoreWhichIsDoneBeforeTheEnd) {
    int done = 0;
    {
        WorkThreads one("one");
        one.post([&] {
            std::this_thread::sleep_for(10ms); // until the end has begun
            one.post([&] { one.post([&] { ++done; }); });
        });
    }
    EXPECT_EQ(done, 1);
}

TEST(WorkThreads, WorkAfterTheEndIsDoneToo) {
    WorkThreads one("one");
    int done = 0;
    one.post([&] { ++done; });
    one.finish();
    EXPECT_EQ(done, 1);
    one.post([&] { ++done; });
    one.finish();
    EXPECT_EQ(done, 2);
}

TEST(WorkThreads, WorkIsDestroyedOnItsThread) {
    std::thread::id where;
    {
        WorkThreads one("one");
        one.post([value = std::shared_ptr<int>(new int, [&where](const int* number) {
                      where = std::this_thread::get_id();
                      delete number;
                  })] {});
    }
    EXPECT_NE(where, std::thread::id());
    EXPECT_NE(where, std::this_thread::get_id());
}

TEST(WorkThreads, AnAlarmIsDoneOnceAfterItsTime) {
    std::atomic<int> done = 0;
    std::promise<void> isDone;
    WorkThreads one("one");
    const auto begin = std::chrono::steady_clock::now();
    one.setAlarm(30ms, [&] {
        ++done;
        isDone.set_value();
    });
    ASSERT_EQ(isDone.get_future().wait_for(10s), std::future_status::ready);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
    std::this_thread::sleep_for(60ms);
    EXPECT_EQ(done, 1);
}

TEST(WorkThreads, AnotherAlarmReplacesTheFirstAlsoWithAnEarlierTime) {
    std::promise<int> which;
    WorkThreads one("one");
    one.setAlarm(1h, [&] { which.set_value(1); });
    std::this_thread::sleep_for(10ms); // until the thread sleeps for an hour
    one.setAlarm(1ms, [&] { which.set_value(2); });
    std::future<int> result = which.get_future();
    ASSERT_EQ(result.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(result.get(), 2);
}

TEST(WorkThreads, AnAlarmThatIsCancelledOrOutlivedIsNotDone) {
    bool isDone = false;
    {
        WorkThreads one("one");
        one.setAlarm(20ms, [&] { isDone = true; });
        one.cancelAlarm();
        std::this_thread::sleep_for(40ms);
        one.setAlarm(1h, [&] { isDone = true; });
    }
    EXPECT_FALSE(isDone);
}

TEST(WorkThreads, AnAlarmComesThoughThereIsAlwaysWork) {
    std::atomic<bool> hasCome = false;
    {
        WorkThreads one("one");
        std::function<void()> again = [&] {
            if (!hasCome)
                one.post(again);
        };
        one.setAlarm(5ms, [&] { hasCome = true; });
        one.post(again);
        while (!hasCome)
            std::this_thread::yield();
    }
    EXPECT_TRUE(hasCome);
}

} // namespace
} // namespace lorikeet::ui
