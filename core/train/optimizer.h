// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/backend/backend.h"
#include "core/model/adapter.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// AdamW over an adapter's parameters (Loshchilov and Hutter 2019), with clipping by the global norm and, where asked
/// for, a learning rate of their own for the B matrices (LoRA+, Hayou et al. 2024). Owns the two moments of each
/// parameter, booked as Optimizer. One thread at a time.
class AdamW {
public:
    /// The adapter must be trainable and outlive the optimizer.
    AdamW(ExecutionContext& context, LoraAdapter& adapter, const TrainingConfig& config, double loraPlusRatio);

    /// One step on the adapter's gradients. norm, factor F32 [1] = the gradients' norm before clipping, and what they
    /// were multiplied by. Where the norm or loss F32 [1] is not finite nothing changes but factor, which is NaN.
    /// `step` is 1 for the first. Everything stays on the device.
    void step(ExecutionContext& context, int64_t step, double learningRate, const Tensor& loss, const Tensor& norm,
              const Tensor& factor);

private:
    struct Moments {
        Storage first;  ///< F32, of the parameter's shape
        Storage second; ///< the same
        double rateRatio = 1.0;
    };

    LoraAdapter& m_adapter;
    TrainingConfig m_config;
    std::vector<Moments> m_moments; ///< one for each of the adapter's parameters
    Storage m_squares;              ///< F32 [1]
};

} // namespace lorikeet
