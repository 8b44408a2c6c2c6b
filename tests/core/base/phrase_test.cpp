// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/phrase.h"

#include <gtest/gtest.h>

namespace lorikeet {
namespace {

TEST(Phrase, PutsItsValuesWhereTheyBelong) {
    EXPECT_EQ(phrase("{} of {} rows are cut off", "3", "1,000").text(), "3 of 1,000 rows are cut off");
    EXPECT_EQ(phrase("No model chosen").text(), "No model chosen");
    EXPECT_TRUE(Phrase().empty());
    EXPECT_EQ(Phrase().text(), "");
}

TEST(Phrase, AnotherLanguageOrdersThemAsItLikes) {
    const Phrase cut = phrase("{} of {} rows are cut off", "3", "1,000");
    EXPECT_EQ(cut.filled("Von {2} Zeilen sind {1} abgeschnitten"), "Von 1,000 Zeilen sind 3 abgeschnitten");
    EXPECT_EQ(cut.filled("{1}{1}{3}{}{}{}"), "333"
                                             "1,000");
}

TEST(Phrase, WhatStandsInAValueIsNeverLookedAt) {
    EXPECT_EQ(phrase("{} and {}", "{2}{}", "b").text(), "{2}{} and b");
    EXPECT_EQ(verbatim("a {} b {1").text(), "a {} b {1");
    EXPECT_EQ(phrase("{a} {0} {", "x").text(), "{a} {0} {");
}

} // namespace
} // namespace lorikeet
