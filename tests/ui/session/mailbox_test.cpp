// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/mailbox.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QEventLoop>
#include <QTest>

namespace lorikeet::ui {
namespace {

TEST(Mailbox, LettersAreCalledInTheReceiversThreadInTheOrderOfSending) {
    Mailbox first, second;
    std::vector<int> heard; // no letter is called on another thread: that would be a race
    const auto hear = [&](int what) {
        return [&heard, what, thread = std::this_thread::get_id()] {
            heard.push_back(what);
            EXPECT_NE(std::this_thread::get_id(), thread);
        };
    };
    std::jthread([&, one = first.address(), other = second.address()] {
        for (int i = 0; i < 100; i += 2) {
            one.send(hear(i));
            other.send(hear(i + 1));
        }
    }).join();
    EXPECT_TRUE(heard.empty());
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard.size() == 100; }));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(heard[size_t(i)], i);
}

TEST(Mailbox, EachOfManySendersKeepsItsOrderAndNothingIsLost) {
    constexpr int kSenders = 4, kLetters = 2000;
    Mailbox mailbox;
    std::vector<int> newest(kSenders, -1);
    int count = 0;
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < kSenders; ++sender)
        senders.emplace_back([&, sender, address = mailbox.address()] {
            for (int i = 0; i < kLetters; ++i)
                address.send([&, sender, i, value = std::make_shared<int>(i)] {
                    EXPECT_EQ(newest[size_t(sender)] + 1, *value);
                    newest[size_t(sender)] = i;
                    ++count;
                });
        });
    EXPECT_TRUE(QTest::qWaitFor([&] { return count == kSenders * kLetters; }));
}

TEST(Mailbox, WhatWaitsForAReceiverThatIsGoneIsDroppedAndSoIsWhatComesLater) {
    const auto value = std::make_shared<int>(1);
    auto mailbox = std::make_unique<Mailbox>();
    const Mailbox::Address address = mailbox->address();
    address.send([value] { FAIL(); });
    EXPECT_EQ(value.use_count(), 2);
    mailbox.reset();
    EXPECT_EQ(value.use_count(), 1);
    address.send([value] { FAIL(); });
    EXPECT_EQ(value.use_count(), 1);
    QTest::qWait(20);
}

TEST(Mailbox, ReceiversThatGoWhileOthersSendHearNothing) {
    std::mutex mutex;
    std::optional<Mailbox::Address> current;
    std::atomic<int> sent = 0;
    std::jthread sender([&](std::stop_token stop) {
        while (!stop.stop_requested()) {
            std::unique_lock lock(mutex);
            const auto address = current;
            lock.unlock();
            if (address)
                address->send([&sent, isThere = std::make_shared<bool>(true)] { sent += *isThere ? 1 : 0; });
        }
    });
    for (int i = 0; i < 200; ++i) {
        const Mailbox mailbox;
        std::unique_lock lock(mutex);
        current = mailbox.address();
        lock.unlock();
        const int before = sent;
        while (sent == before)
            QCoreApplication::processEvents();
    }
}

TEST(Mailbox, ALetterMayTakeTheMailboxAway) {
    auto mailbox = std::make_unique<Mailbox>();
    bool isGone = false;
    mailbox->address().send([&] {
        mailbox.reset();
        isGone = true;
    });
    mailbox->address().send([] { FAIL(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return isGone; }));
    QTest::qWait(20);
}

TEST(Mailbox, AnEventLoopWithinALetterGoesOnWithTheNext) {
    Mailbox mailbox;
    QEventLoop loop;
    std::vector<int> heard;
    mailbox.address().send([&] {
        heard.push_back(1);
        loop.exec();
        heard.push_back(4);
    });
    mailbox.address().send([&] { heard.push_back(2); });
    mailbox.address().send([&] {
        heard.push_back(3);
        loop.quit();
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard.size() == 4; }));
    EXPECT_THAT(heard, testing::ElementsAre(1, 2, 3, 4));
}

TEST(Mailbox, ClearedLettersAreNotCalledAndLaterOnesAre) {
    Mailbox mailbox, other;
    std::vector<int> heard;
    mailbox.address().send([] { FAIL(); });
    other.address().send([&] { heard.push_back(1); });
    mailbox.clear();
    mailbox.address().send([&] { heard.push_back(2); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard.size() == 2; }));
    EXPECT_THAT(heard, testing::ElementsAre(1, 2));
}

TEST(Mailbox, WhoSendsWithoutEndLeavesTheEventLoopItsOtherWork) {
    Mailbox mailbox;
    int letters = 0;
    std::function<void()> again = [&] {
        ++letters;
        mailbox.address().send(again);
    };
    again();
    bool isTimeOver = false;
    QTimer::singleShot(20, [&] { isTimeOver = true; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return isTimeOver; }));
    EXPECT_GT(letters, 1);
}

} // namespace
} // namespace lorikeet::ui
