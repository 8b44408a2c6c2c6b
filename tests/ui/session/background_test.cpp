// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/background.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <QTest>

namespace lorikeet::ui {
namespace {

TEST(Background, BringsTheResultToTheThreadOfItsContext) {
    QObject context;
    int result = 0;
    std::thread::id workThread, doneThread;
    const BackgroundTask task = runInBackground(
        &context,
        [&](std::stop_token) {
            workThread = std::this_thread::get_id();
            return 42;
        },
        [&](int value) {
            result = value;
            doneThread = std::this_thread::get_id();
        },
        [](const Failure&) { ADD_FAILURE(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return result == 42; }));
    EXPECT_NE(workThread, std::this_thread::get_id());
    EXPECT_EQ(doneThread, std::this_thread::get_id());
}

TEST(Background, AnErrorKeepsItsCodeAndMessage) {
    QObject context;
    std::optional<Failure> failure;
    const BackgroundTask task = runInBackground(
        &context, [](std::stop_token) { fail(ErrorCode::BadFile, "rows.jsonl: line {} is no JSON", 7); },
        [] { ADD_FAILURE(); }, [&](const Failure& why) { failure = why; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return failure.has_value(); }));
    EXPECT_EQ(failure->code, ErrorCode::BadFile);
    EXPECT_EQ(failure->message, "rows.jsonl: line 7 is no JSON");
}

TEST(Background, WhoeverReplacesATaskStopsItAndDoesNotHearOfIt) {
    QObject context;
    std::atomic<bool> wasStopped = false;
    int heard = 0;
    BackgroundTask task = runInBackground(
        &context,
        [&](std::stop_token stop) {
            while (!stop.stop_requested())
                std::this_thread::yield();
            wasStopped = true;
            return 1;
        },
        [&](int value) { heard = value; }, [](const Failure&) { ADD_FAILURE(); });
    task = runInBackground(
        &context, [](std::stop_token) { return 2; }, [&](int value) { heard = value; },
        [](const Failure&) { ADD_FAILURE(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard == 2 && wasStopped; }));
    QTest::qWait(20);
    EXPECT_EQ(heard, 2);
}

TEST(Background, AContextThatIsGoneHearsNothing) {
    auto context = std::make_unique<QObject>();
    std::atomic<bool> isDone = false;
    const BackgroundTask task = runInBackground(
        context.get(),
        [&](std::stop_token) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            isDone = true;
            return 1;
        },
        [](int) { ADD_FAILURE(); }, [](const Failure&) { ADD_FAILURE(); });
    context.reset();
    ASSERT_TRUE(QTest::qWaitFor([&] { return isDone.load(); }));
    QTest::qWait(20);
}

} // namespace
} // namespace lorikeet::ui
