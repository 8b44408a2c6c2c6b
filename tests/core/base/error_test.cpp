// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <set>

#include <gtest/gtest.h>

namespace lorikeet {
namespace {

TEST(Error, CarriesItsCodeAndTheActualValues) {
    try {
        fail(ErrorCode::BadFile, "{}: tensor {} ends at byte {}", "x.gguf", "output.weight", 12);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_STREQ(error.what(), "x.gguf: tensor output.weight ends at byte 12");
    }
}

TEST(Error, EveryCodeHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (int code = 0; code <= int(ErrorCode::Network); ++code)
        names.insert(errorCodeName(ErrorCode(code)));
    EXPECT_EQ(names.size(), std::size_t(ErrorCode::Network) + 1);
    EXPECT_FALSE(names.contains("unknown"));
}

} // namespace
} // namespace lorikeet
