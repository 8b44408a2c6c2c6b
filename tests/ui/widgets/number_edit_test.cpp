// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_edit.h"

namespace lorikeet::ui {
namespace {

using Step = NumberRule::Step;

std::unique_ptr<NumberEdit> made(NumberRule rule, const QString& number) {
    auto edit = std::make_unique<NumberEdit>(std::move(rule));
    edit->setNumber(number);
    edit->show();
    return edit;
}

void type(NumberEdit& edit, const QString& text) {
    QTest::keySequence(&edit, QKeySequence::SelectAll);
    QTest::keyClicks(&edit, text);
}

TEST(NumberEdit, ReadsWhatItShows) {
    EXPECT_EQ(made({.low = 1}, "16384")->text(), "16,384");
    EXPECT_EQ(made({.low = 1}, "16384")->number(), "16384");
    EXPECT_EQ(made({.isWhole = false}, "0.0002")->text(), "2e-4");
    EXPECT_EQ(made({.isWhole = false}, "0.0002")->number()->toDouble(), 2e-4);
    EXPECT_EQ(made({.isWhole = false, .isPercent = true}, "0.05")->text(), "5 %");
    EXPECT_EQ(made({.isWhole = false, .isPercent = true}, "0.05")->number()->toDouble(), 0.05);
    EXPECT_EQ(made({.high = 9.2e18}, "9007199254740993")->number(), "9007199254740993");
    EXPECT_EQ(made({.high = 9.2e18}, "18446744073709551615")->text(), "18446744073709551615");
}

TEST(NumberEdit, WhatTheRuleDoesNotAllowIsNoNumber) {
    auto edit = made({.low = 1, .high = 64}, "16");
    for (const char* text : {"0", "65", "1.5", "x", "-3", "1e1"}) {
        type(*edit, text);
        EXPECT_EQ(edit->number(), std::nullopt) << text;
        EXPECT_EQ(edit->text(), text);
    }
    type(*edit, "64");
    EXPECT_EQ(edit->number(), "64");
    auto open = made({.high = 1, .isLowAllowed = false, .isHighAllowed = false, .isWhole = false}, "0.5");
    for (const char* text : {"0", "1", "nan", "inf"}) {
        type(*open, text);
        EXPECT_EQ(open->number(), std::nullopt) << text;
    }
}

TEST(NumberEdit, NothingIsANumberOnlyWhereItHasAMeaning) {
    auto edit = made({.low = 1, .emptyText = "all"}, "2");
    QTest::keySequence(edit.get(), QKeySequence::SelectAll);
    QTest::keyClick(edit.get(), Qt::Key_Delete);
    EXPECT_EQ(edit->number(), QString());
    auto needed = made({.low = 1}, "2");
    QTest::keySequence(needed.get(), QKeySequence::SelectAll);
    QTest::keyClick(needed.get(), Qt::Key_Delete);
    EXPECT_EQ(needed->number(), std::nullopt);
}

TEST(NumberEdit, ArrowsGoByTheRuleAndStopAtItsEnds) {
    auto rank = made({.low = 1, .high = 64, .step = Step::Doubling}, "32");
    QSignalSpy edited(rank.get(), &NumberEdit::edited);
    QTest::keyClick(rank.get(), Qt::Key_Up);
    EXPECT_EQ(rank->number(), "64");
    QTest::keyClick(rank.get(), Qt::Key_Up);
    EXPECT_EQ(rank->number(), "64");
    EXPECT_GE(edited.count(), 1);
    auto rate = made({.isLowAllowed = false, .isWhole = false, .step = Step::OneTwoFive}, "0.0002");
    QTest::keyClick(rate.get(), Qt::Key_Up);
    EXPECT_EQ(rate->text(), "5e-4");
    QTest::keyClick(rate.get(), Qt::Key_Up);
    EXPECT_EQ(rate->text(), "1e-3");
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(rate.get(), Qt::Key_Down);
    EXPECT_EQ(rate->text(), "1e-4");
    auto share = made({.high = 1, .isHighAllowed = false, .isWhole = false, .stepSize = 0.05, .isPercent = true}, "0");
    QTest::keyClick(share.get(), Qt::Key_Up);
    EXPECT_EQ(share->text(), "5 %");
    QTest::keyClick(share.get(), Qt::Key_Down);
    QTest::keyClick(share.get(), Qt::Key_Down);
    EXPECT_EQ(share->number()->toDouble(), 0.0);
}

TEST(NumberEdit, SaysItsRange) {
    EXPECT_EQ((NumberRule{.low = 1, .high = 65536}.range()), "1 to 65,536");
    EXPECT_EQ((NumberRule{.low = 1}.range()), "1 or more");
    EXPECT_EQ((NumberRule{.isLowAllowed = false, .isWhole = false}.range()), "above 0");
    EXPECT_EQ((NumberRule{.high = 1, .isHighAllowed = false, .isWhole = false, .isPercent = true}.range()),
              "0 % to below 100 %");
}

} // namespace
} // namespace lorikeet::ui
