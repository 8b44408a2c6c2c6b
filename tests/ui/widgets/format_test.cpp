// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/format.h"

#include <gtest/gtest.h>

#include <QDateTime>

#include <limits>

namespace lorikeet::ui {
namespace {

TEST(Format, MemoryIsBinaryAndFilesAreDecimal) {
    EXPECT_EQ(formatMemory(0), "0 B");
    EXPECT_EQ(formatMemory(512), "512 B");
    EXPECT_EQ(formatMemory(488LL << 20), "488 MiB");
    EXPECT_EQ(formatMemory(1320702444), "1.23 GiB");
    EXPECT_EQ(formatMemory((1LL << 30) - 1), "1.00 GiB"); // not 1024 MiB
    EXPECT_EQ(formatFileSize(4170000), "4.17 MB");
    EXPECT_EQ(formatFileSize(21200000000), "21.2 GB");
    EXPECT_EQ(formatFileSize(999999), "1.00 MB");
}

TEST(Format, DurationsHaveTwoUnitsAtMost) {
    EXPECT_EQ(formatDuration(45.4), "45 s");
    EXPECT_EQ(formatDuration(134), "2 min 14 s");
    EXPECT_EQ(formatDuration(59.7), "1 min 0 s");
    EXPECT_EQ(formatDuration(3780), "1 h 3 min");
    EXPECT_EQ(formatDuration(3 * 86400), "3 d 0 h");
    EXPECT_EQ(formatDuration(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(Format, SettingsLookAsOneTypesThem) {
    EXPECT_EQ(formatSetting(2e-4), "2e-4");
    EXPECT_EQ(formatSetting(1e-8), "1e-8");
    EXPECT_EQ(formatSetting(0.3), "0.3");
    EXPECT_EQ(formatSetting(0.001), "1e-3");
    EXPECT_EQ(formatSetting(0.999), "0.999");
    EXPECT_EQ(formatSetting(16), "16");
    EXPECT_EQ(formatSetting(0), "0");
    EXPECT_EQ(formatSetting(1000), "1000");
}

TEST(Format, CountsSpeedsAndShares) {
    EXPECT_EQ(formatCount(7473), "7,473");
    EXPECT_EQ(formatBig(134515008), "135 M");
    EXPECT_EQ(formatBig(8030000000), "8.03 B");
    EXPECT_EQ(formatSpeed(740.2), "740 tok/s");
    EXPECT_EQ(formatSpeed(1640), "1,640 tok/s");
    EXPECT_EQ(formatShare(0.61), "61 %");
    EXPECT_EQ(formatShare(0.0008), "0.08 %");
    EXPECT_EQ(formatShare(0), "0 %");
    EXPECT_EQ(formatLoss(0.84321), "0.843");
    EXPECT_EQ(formatLoss(std::numeric_limits<double>::infinity()), "–");
}

TEST(Format, DaysNearByHaveNames) {
    const QDateTime noon(QDate::currentDate(), QTime(12, 5));
    EXPECT_EQ(formatWhen(noon.toMSecsSinceEpoch()), "Today, 12:05");
    EXPECT_EQ(formatWhen(noon.addDays(-1).toMSecsSinceEpoch()), "Yesterday, 12:05");
}

} // namespace
} // namespace lorikeet::ui
