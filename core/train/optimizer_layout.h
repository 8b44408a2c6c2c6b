// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/backend/backend.h"
#include "core/train/run_config.h"

namespace lorikeet {

struct Parameter;

/// Tensors of fewer elements keep moments of 32 bits under an 8-bit optimizer, as with bitsandbytes: they are few
/// bytes.
inline constexpr int64_t kSmallest8BitTensor = 4096;

/// A stretch of one parameter's elements, all of it where nothing is paged, whose state is one page.
struct StatePiece {
    std::size_t parameter = 0; ///< its index
    int64_t begin = 0;         ///< a multiple of kMomentBlocksize
    int64_t end = 0;
    bool isEightBit = false;

    int64_t elements() const { return end - begin; }
    bool operator==(const StatePiece&) const = default;
};

/// A tensor of a piece's state and where it lies in its page.
struct StatePart {
    std::string_view suffix; ///< of the parameter's name, in a checkpoint: ".exp_avg"
    DType dtype = DType::F32;
    int64_t offset = 0; ///< bytes
    int64_t elements = 0;
    float zero = 0.0f; ///< what it is filled with before the first step

    Tensor in(const Tensor& page) const { return {page.data + offset, dtype, {elements}}; }
};

bool isPaged(OptimizerType type);
bool isEightBit(OptimizerType type);

/// Bytes of optimizer state that may be resident; absent where nothing is paged. A megabyte is 2^20 bytes.
std::optional<int64_t> residentBudget(const TrainingConfig& config);

/// The pieces of all parameters, in their order. Under a budget they are small enough that it holds several.
std::vector<StatePiece> statePieces(const std::vector<Parameter>& parameters, const TrainingConfig& config);

/// exp_avg and exp_avg_sq, of 32 bits; or each as codes and absmax (Moments8Bit). Always in this order.
std::vector<StatePart> statePartsOf(int64_t elements, bool isEightBit);
int64_t stateBytes(const StatePiece& piece);

} // namespace lorikeet
