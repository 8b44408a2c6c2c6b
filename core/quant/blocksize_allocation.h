// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace lorikeet {

/// One way to store a tensor: the bytes that it takes, and the error that it makes.
struct StorageChoice {
    int64_t bytes = 0;
    double error = 0.0; ///< finite, not negative
};

/// For each tensor which of its choices: together they take at most `limit` bytes and make the least sum of errors.
/// Empty where the smallest choices together take more. Every tensor needs a choice. The same on every machine.
///
/// A multiple-choice knapsack: steps along the convex hull of each tensor's choices, taken in the order of the error
/// that a byte saves (Shoham and Gersho 1988, "Efficient bit allocation for an arbitrary set of quantizers"), then all
/// other combinations whose lower bound is below what those reach by more than one part in 10^9. Of these no more than
/// some thousands are kept side by side, so that a model of thousands of tensors ends, too.
std::vector<int> allocateBytes(const std::vector<std::vector<StorageChoice>>& tensors, int64_t limit);

} // namespace lorikeet
