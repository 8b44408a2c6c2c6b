// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/error_sums.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/thread_pool.h"
#include "core/quant/quantize.h"

namespace lorikeet {

namespace {

constexpr std::size_t kTile = 65536;

ErrorSums sumsOf(std::span<const float> values, std::span<const float> moved) {
    ErrorSums sums;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double difference = double(values[i]) - double(moved[i]);
        sums.absolute += std::abs(difference);
        sums.square += difference * difference;
        sums.valueSquare += double(values[i]) * double(values[i]);
    }
    return sums;
}

/// Adds what body(begin, count) returns for each tile of `elements`, in their order.
template <typename Body>
void addTiles(ErrorSums& total, std::size_t elements, ThreadPool& pool, const Body& body) {
    std::vector<ErrorSums> tiles((elements + kTile - 1) / kTile);
    pool.parallelFor(int64_t(tiles.size()), [&](int64_t tile) {
        const std::size_t begin = std::size_t(tile) * kTile;
        tiles[std::size_t(tile)] = body(begin, std::min(kTile, elements - begin));
    });
    for (const ErrorSums& sums : tiles)
        total.add(sums);
}

} // namespace

void ErrorSums::add(const ErrorSums& other) {
    absolute += other.absolute;
    square += other.square;
    valueSquare += other.valueSquare;
}

void ErrorSums::add(std::span<const float> values, std::span<const float> moved, ThreadPool& pool) {
    addTiles(*this, values.size(), pool, [&](std::size_t begin, std::size_t count) {
        return sumsOf(values.subspan(begin, count), moved.subspan(begin, count));
    });
}

void ErrorSums::add(std::span<const float> values, const QuantizedData& quantized, ThreadPool& pool) {
    const std::vector<float> scales = blockScales(quantized);
    addTiles(*this, values.size(), pool, [&](std::size_t begin, std::size_t count) {
        thread_local std::vector<float> moved(kTile);
        const std::span<float> tile = std::span(moved).first(count);
        dequantizeRange(quantized, scales, int64_t(begin), tile);
        return sumsOf(values.subspan(begin, count), tile);
    });
}

} // namespace lorikeet
