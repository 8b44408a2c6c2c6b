// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/function_ref.h"
#include "core/model/adapter.h"
#include "core/train/optimizer_layout.h"
#include "core/train/paged_state.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// A tensor of the optimizer's state, by what a file needs to know of it.
struct StateTensor {
    std::string name;
    DType dtype = DType::F32;
    Shape shape;
};

/// AdamW (Loshchilov and Hutter 2019) over a list of parameters, with clipping by their global norm: training.optim
/// says whether its moments have 32 or 8 bits and whether they are paged under training.optim_budget_mb, which changes
/// no bit of what it computes. Owns the moments, booked as Optimizer. One thread at a time.
class Optimizer {
public:
    /// The parameters need gradients; their list must outlive the optimizer and stay as long as it is. `loraPlusRatio`
    /// is the learning rate of the matrices B over that of the matrices A (LoRA+, Hayou et al. 2024; see ratesOf).
    /// `folder` takes what is paged out (see PagedState). Throws BadConfig where the budget does not hold one page, Io,
    /// OutOfMemory.
    Optimizer(ExecutionContext& context, std::vector<Parameter>& parameters, const TrainingConfig& config,
              std::optional<double> loraPlusRatio, const std::filesystem::path& folder = {});

    /// One step on the parameters' gradients. norm, factor F32 [1] = the gradients' norm before clipping, and what they
    /// were multiplied by. Where the norm or loss F32 [1] is not finite nothing changes but factor, which is NaN: one
    /// gradient that is not finite stops the whole step, with 8 bits too, where bitsandbytes would pass over that
    /// element and go on. `step` is 1 for the first. Everything stays on the device, but for pages that make room.
    void step(ExecutionContext& context, int64_t step, double learningRate, const Tensor& loss, const Tensor& norm,
              const Tensor& factor);

    /// The tensors of the state in a fixed order, under names that stay the same from version to version:
    /// "PARAMETER.exp_avg" and "PARAMETER.exp_avg_sq", F32, of the parameter's shape; with 8 bits U8, each followed by
    /// its ".absmax", F32 [blocks]. The same whether paged or not.
    std::vector<StateTensor> stateTensors() const;
    /// Visits each of them in that order. It holds during the visit; what is paged out is fetched for it. The visitor
    /// may overwrite it, unless it is there to read.
    void forEachState(ExecutionContext& context, FunctionRef<void(const std::string& name, const Tensor& state)> visit,
                      StateUse how = StateUse::Change);

    const PagedState& state() const { return m_state; }

private:
    void stepPiece(ExecutionContext& context, std::size_t piece, const Tensor& page, const AdamWStep& step,
                   const Tensor& factor);
    void visitParameter(ExecutionContext& context, std::size_t first, std::size_t end, StateUse how,
                        FunctionRef<void(const std::string& name, const Tensor& state)> visit);

    std::vector<Parameter>& m_parameters;
    TrainingConfig m_config;
    std::optional<double> m_loraPlusRatio;
    std::vector<StatePiece> m_pieces; ///< one for each page
    PagedState m_state;
    Storage m_squares; ///< F32 [1]
};

/// What multiplies the learning rate and the weight decay of a parameter.
struct ParameterRates {
    double learningRate = 1.0;
    double weightDecay = 1.0;
};
/// By the groups of PEFT's create_loraplus_optimizer where there is a ratio: matrices B and all vectors are faster, a
/// bias does not decay. Without one by those of transformers' Trainer: neither biases nor norms' weights decay.
ParameterRates ratesOf(const std::string& name, const Shape& shape, std::optional<double> loraPlusRatio);

} // namespace lorikeet
