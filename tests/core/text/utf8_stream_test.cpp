// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8_stream.h"

#include <random>

#include <gtest/gtest.h>

#include "core/text/utf8.h"

namespace lorikeet {
namespace {

TEST(Utf8Stream, HoldsBackHalfCharacters) {
    Utf8Stream stream;
    EXPECT_EQ(stream.push("a\xF0\x9F"), "a");
    EXPECT_EQ(stream.push("\xA6"), "");
    EXPECT_EQ(stream.push("\x9C"
                          "b\xC3"),
              "\xF0\x9F\xA6\x9C"
              "b");
    EXPECT_EQ(stream.push("\xA9"), "\xC3\xA9");
    EXPECT_EQ(stream.finish(), "");
}

TEST(Utf8Stream, ReplacesWhatCanBecomeNoCharacterAtOnce) {
    Utf8Stream stream;
    EXPECT_EQ(stream.push("\x80"), "\xEF\xBF\xBD");
    EXPECT_EQ(stream.push("\xFF"), "\xEF\xBF\xBD");
    EXPECT_EQ(stream.push("\xC0"), "\xEF\xBF\xBD");
    EXPECT_EQ(stream.push("\xE2\x82"), "");
    EXPECT_EQ(stream.push("x"), "\xEF\xBF\xBDx");
    EXPECT_EQ(stream.push("\xF0\x9F\x98"), "");
    EXPECT_EQ(stream.finish(), "\xEF\xBF\xBD");
    EXPECT_EQ(stream.finish(), "");
}

TEST(Utf8Stream, GivesTheSameTextHoweverTheBytesAreCut) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (int i = 0; i < 12; ++i) {
            if (random() % 3 == 0)
                bytes += static_cast<char>(random());
            else
                appendUtf8(bytes, static_cast<char32_t>(random() % 0xD800));
        }
        Utf8Stream stream;
        std::string pieces;
        for (std::size_t i = 0; i < bytes.size();) {
            const std::size_t length = 1 + random() % 4;
            const std::string part = stream.push(std::string_view(bytes).substr(i, length));
            EXPECT_EQ(findInvalidUtf8(part), std::string::npos);
            pieces += part;
            i += length;
        }
        EXPECT_EQ(pieces + stream.finish(), replaceInvalidUtf8(bytes));
    }
}

} // namespace
} // namespace lorikeet
