// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/error_sums.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/thread_pool.h"

namespace lorikeet {

void ErrorSums::add(std::span<const float> values, std::span<const float> moved, ThreadPool& pool) {
    constexpr std::size_t kTile = 65536;
    std::vector<ErrorSums> tiles((values.size() + kTile - 1) / kTile);
    pool.parallelFor(int64_t(tiles.size()), [&](int64_t tile) {
        const std::size_t begin = std::size_t(tile) * kTile;
        ErrorSums sums;
        for (std::size_t i = begin; i < std::min(begin + kTile, values.size()); ++i) {
            const double difference = double(values[i]) - double(moved[i]);
            sums.absolute += std::abs(difference);
            sums.square += difference * difference;
            sums.valueSquare += double(values[i]) * double(values[i]);
        }
        tiles[std::size_t(tile)] = sums;
    });
    for (const ErrorSums& sums : tiles) {
        absolute += sums.absolute;
        square += sums.square;
        valueSquare += sums.valueSquare;
    }
}

} // namespace lorikeet
