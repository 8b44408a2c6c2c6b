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

TEST(Background, TellsNothingBeforeItHasReturned) {
    QObject context;
    int heard = 0;
    bool hasReturned = false;
    for (int i = 1; i <= 200; ++i) { // some works end before their task is there
        hasReturned = false;
        const BackgroundTask task = runInBackground(
            &context, [](std::stop_token) { return 1; },
            [&](int value) {
                EXPECT_TRUE(hasReturned);
                heard += value;
            },
            [](const Failure&) { ADD_FAILURE(); });
        hasReturned = true;
        ASSERT_TRUE(QTest::qWaitFor([&] { return heard == i; }));
    }
}

TEST(Background, ContextsThatGoWhileWorkEndsHearNothing) {
    std::atomic<int> done = 0;
    constexpr int kTasks = 2000;
    for (int i = 0; i < kTasks; ++i) {
        auto context = std::make_unique<QObject>();
        const BackgroundTask task = runInBackground(
            context.get(), [&](std::stop_token) { return ++done; }, [](int) { ADD_FAILURE(); },
            [](const Failure&) { ADD_FAILURE(); });
        while (i % 2 == 0 && done <= i)
            std::this_thread::yield();
        context.reset();
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return done == kTasks; }));
}

TEST(Background, AResultNeedNotBeCopyable) {
    QObject context;
    std::unique_ptr<int> result;
    const BackgroundTask task = runInBackground(
        &context, [](std::stop_token) { return std::make_unique<int>(7); },
        [&](std::unique_ptr<int> value) { result = std::move(value); }, [](const Failure&) { ADD_FAILURE(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return result != nullptr; }));
    EXPECT_EQ(*result, 7);
}

TEST(Background, WhatTheReceiverThrowsIsAFailure) {
    QObject context;
    std::optional<Failure> failure;
    const BackgroundTask task = runInBackground(
        &context, [](std::stop_token) { return 1; }, [](int) { fail(ErrorCode::BadFile, "no good"); },
        [&](const Failure& why) { failure = why; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return failure.has_value(); }));
    EXPECT_EQ(failure->message, "no good");
}

TEST(Background, AContextMayGoInTheCallThatItWaitsFor) {
    auto context = std::make_unique<QObject>();
    const BackgroundTask task = runInBackground(
        context.get(), [](std::stop_token) { return 1; }, [&](int) { context.reset(); },
        [](const Failure&) { ADD_FAILURE(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return context == nullptr; }));
}

TEST(Background, LongWorkDoesNotKeepShortWorkWaiting) {
    QObject context;
    std::atomic<bool> mayEnd = false;
    std::vector<BackgroundTask> tasks;
    for (int i = 0; i < 6; ++i)
        tasks.push_back(runInBackground(
            &context,
            [&](std::stop_token) {
                while (!mayEnd)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
            },
            [] {}, [](const Failure&) { ADD_FAILURE(); }));
    bool isDone = false;
    const BackgroundTask quick = runInBackground(
        &context, [](std::stop_token) {}, [&] { isDone = true; }, [](const Failure&) { ADD_FAILURE(); });
    EXPECT_TRUE(QTest::qWaitFor([&] { return isDone; }));
    mayEnd = true;
    backgroundThreads().finish();
}

} // namespace
} // namespace lorikeet::ui
