// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/decimal.h"

#include <clocale>
#include <cstdlib>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

/// Numbers written with a comma, as many desktops do, while it lives.
class CommaLocale {
public:
    CommaLocale() {
        const std::string made = (m_folder / "de_DE.UTF-8").string();
        const std::string make = "localedef -i de_DE -f UTF-8 '" + made + "' >/dev/null 2>&1";
        if (std::system(make.c_str()) == 0)
            ::setenv("LOCPATH", m_folder.path().c_str(), 1);
        std::setlocale(LC_NUMERIC, "de_DE.UTF-8");
    }
    ~CommaLocale() {
        std::setlocale(LC_NUMERIC, "C");
        ::unsetenv("LOCPATH");
    }

    bool isThere() const { return std::localeconv()->decimal_point == std::string(","); }

private:
    TemporaryFolder m_folder;
};

void expectDecimals() {
    EXPECT_EQ(asDecimal(0.1f), 0.1);
    EXPECT_EQ(asDecimal(12.5f), 12.5);
    EXPECT_EQ(asDecimal(1e-5f), 1e-5);
    EXPECT_EQ(asDecimal(-6.4f), -6.4);
    EXPECT_EQ(asDecimal(0.0f), 0.0);
    EXPECT_EQ(asDecimal(3e38f), 3e38);
    EXPECT_EQ(float(asDecimal(std::numeric_limits<float>::denorm_min())), std::numeric_limits<float>::denorm_min());
}

TEST(Decimal, IsTheShortestThatGivesTheFloatAgain) {
    expectDecimals();
}

TEST(Decimal, IsTheSameWhereNumbersAreWrittenWithAComma) {
    const CommaLocale locale;
    if (!locale.isThere())
        GTEST_SKIP() << "needs the locale de_DE.UTF-8, or Debian's package locales to make it";
    ASSERT_EQ(std::strtod("0.5", nullptr), 0.0); // what this guards against
    expectDecimals();
}

} // namespace
} // namespace lorikeet
