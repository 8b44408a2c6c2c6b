// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/wall_time.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace lorikeet {
namespace {

/// Another time zone while it lives.
class TimeZone {
public:
    explicit TimeZone(const char* zone) {
        if (const char* before = std::getenv("TZ"))
            m_before = before;
        set(zone);
    }
    ~TimeZone() { m_before.empty() ? (void)unsetenv("TZ") : set(m_before.c_str()); }

private:
    static void set(const char* zone) {
        setenv("TZ", zone, 1);
        tzset();
    }
    std::string m_before;
};

TEST(WallTime, IsTheTimeThatAClockThereShows) {
    constexpr int64_t kMoment = 1700000000; // 2023-11-14 22:13:20 UTC
    const TimeZone zone("EAST-5");
    const WallTime shown = wallTimeAt(kMoment);
    EXPECT_EQ(wallTimeText(shown, "%Y-%m-%d %H:%M:%S"), "2023-11-15 03:13:20");
    const TimeZone other("WEST+9");
    EXPECT_EQ(wallTimeText(shown, "%Y-%m-%d %H:%M:%S"), "2023-11-15 03:13:20") << "kept, it says the same everywhere";
    EXPECT_EQ(wallTimeText(wallTimeAt(kMoment), "%d"), "14");
    EXPECT_EQ(wallTimeText(shown, "[%z%Z]"), "[]");
}

} // namespace
} // namespace lorikeet
