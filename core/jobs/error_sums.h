// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace lorikeet {

class ThreadPool;
struct QuantizedData;

/// How far values moved: sums of |difference| and difference^2, and of the squares of the values themselves.
struct ErrorSums {
    double absolute = 0.0;
    double square = 0.0;
    double valueSquare = 0.0;

    void add(const ErrorSums& other);
    /// By tiles that the number of threads does not change. Both have equally many elements.
    void add(std::span<const float> values, std::span<const float> moved, ThreadPool& pool);
    /// The same for what quantizing has made of the values.
    void add(std::span<const float> values, const QuantizedData& quantized, ThreadPool& pool);
};

} // namespace lorikeet
