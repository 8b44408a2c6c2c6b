// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/measured.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lorikeet {

void expectMeasured(std::string_view what, double difference, double limit) {
    testing::Test::RecordProperty(fmt::format("{}_difference", what), fmt::format("{:.4e}", difference));
    testing::Test::RecordProperty(fmt::format("{}_limit", what), fmt::format("{:.4e}", limit));
    EXPECT_LE(difference, limit) << what;
}

} // namespace lorikeet
