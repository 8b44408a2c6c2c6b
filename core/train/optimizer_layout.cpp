// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/optimizer_layout.h"

#include <algorithm>
#include <bit>

#include "core/model/adapter.h"

namespace lorikeet {
namespace {

constexpr int64_t kLargestPiece = int64_t(1) << 18; // elements; two megabytes of 32-bit moments
constexpr int64_t kSmallestPiece = 4096;
static_assert(kSmallestPiece % kMomentBlocksize == 0);

/// Elements of a piece such that a budget holds four in 32 bits: what is in use, what comes next, and some to spare.
int64_t pieceElements(int64_t budget) {
    const uint64_t wanted = std::bit_floor(uint64_t(std::max<int64_t>(budget, 1)) / (4 * 2 * sizeof(float)));
    return std::clamp(int64_t(wanted), kSmallestPiece, kLargestPiece);
}

} // namespace

bool isPaged(OptimizerType type) {
    return type == OptimizerType::PagedAdamW32Bit || type == OptimizerType::PagedAdamW8Bit;
}

bool isEightBit(OptimizerType type) {
    return type == OptimizerType::AdamW8Bit || type == OptimizerType::PagedAdamW8Bit;
}

std::optional<int64_t> residentBudget(const TrainingConfig& config) {
    if (!isPaged(config.optimizer) || !config.optimizerBudgetMb)
        return std::nullopt;
    // More than any machine has is no bound, and must not overflow.
    return int64_t(std::min(*config.optimizerBudgetMb * double(1 << 20), 0x1p62));
}

std::vector<StatePiece> statePieces(const std::vector<Parameter>& parameters, const TrainingConfig& config) {
    const std::optional<int64_t> budget = residentBudget(config);
    std::vector<StatePiece> pieces;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const int64_t elements = parameters[i].value.shape().elements();
        const bool eightBit = isEightBit(config.optimizer) && elements >= kSmallest8BitTensor;
        const int64_t step = budget ? pieceElements(*budget) : std::max<int64_t>(elements, 1);
        for (int64_t begin = 0; begin < elements; begin += step)
            pieces.push_back({i, begin, std::min(elements, begin + step), eightBit});
    }
    return pieces;
}

std::vector<StatePart> statePartsOf(int64_t elements, bool isEightBit) {
    const int64_t floatBytes = int64_t(sizeof(float));
    if (!isEightBit)
        return {{".exp_avg", DType::F32, 0, elements}, {".exp_avg_sq", DType::F32, floatBytes * elements, elements}};
    // The floats come first, so that they are aligned.
    const int64_t blocks = (elements + kMomentBlocksize - 1) / kMomentBlocksize, codes = 2 * floatBytes * blocks;
    return {{".exp_avg", DType::U8, codes, elements, float(kZeroFirstMoment)},
            {".exp_avg.absmax", DType::F32, 0, blocks},
            {".exp_avg_sq", DType::U8, codes + elements, elements, float(kZeroSecondMoment)},
            {".exp_avg_sq.absmax", DType::F32, floatBytes * blocks, blocks}};
}

int64_t stateBytes(const StatePiece& piece) {
    int64_t bytes = 0;
    for (const StatePart& part : statePartsOf(piece.elements(), piece.isEightBit))
        bytes += part.elements * int64_t(dtypeSize(part.dtype));
    return bytes;
}

} // namespace lorikeet
