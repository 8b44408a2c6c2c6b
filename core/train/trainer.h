// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/function_ref.h"
#include "core/data/batches.h"
#include "core/model/adapter.h"
#include "core/train/adapter_folder.h"
#include "core/train/evaluation.h"
#include "core/train/optimizer.h"
#include "core/train/run_config.h"
#include "core/train/run_events.h"

namespace lorikeet {

class BaseModel;

/// What a training run works with. The references must outlive the trainer.
struct TrainerParts {
    ExecutionContext& context;
    const BaseModel& base;
    LoraAdapter& adapter; ///< trainable; holds the result
    StepPlanner& planner;
    EvaluationRows evaluation = {}; ///< absent: no evaluations
    /// The continuation of a prompt by the adapter as it stands; empty: no samples.
    std::function<std::string(const std::string& prompt, std::stop_token stop)> sample = {};
    /// Receives `adapter` at the end and `checkpoints/step-N` on the way; must exist.
    std::filesystem::path folder = {};
    TrainedOver trainedOver = {};
    std::function<void(RunPhase)> phase = {}; ///< hears what the run turns to
    StartEvent start = {}; ///< what its first event says; the trainer fills in steps, kernels and trainableParameters
};

/// The optimizer steps of a run: `max_steps`, or those of the epochs.
int64_t plannedSteps(const TrainingConfig& training, StepPlanner& planner);
/// The same by a function that knows the steps of an epoch.
int64_t plannedSteps(const TrainingConfig& training, FunctionRef<int64_t(int64_t epoch)> stepsInEpoch);

/// Trains an adapter (QLoRA, Dettmers et al. 2023). Blocks; one thread. The same parts give the same bits.
class Trainer {
public:
    Trainer(const RunConfig& config, TrainerParts parts);

    /// Runs to the end, to a stop (polled per micro-batch; the step under way is dropped), or to a loss or gradient
    /// that is not finite; what that left is not saved. A finished or stopped run has saved its adapter. The end is
    /// returned, not observed. Throws what its parts throw, Io where the adapter cannot be saved at the end; what was
    /// trained until then is saved as a checkpoint first, where it is finite and can be, and the message says where.
    EndEvent run(const RunObserver& observer, std::stop_token stop);

private:
    struct StepSums;

    bool takeStep(int64_t step, const StepData& data, StepSums& sums, std::stop_token stop);
    void evaluate(int64_t step, std::stop_token stop);
    void drawSamples(int64_t step, std::stop_token stop);
    std::filesystem::path checkpointFolder(int64_t step) const;
    void writeCheckpoint(int64_t step);
    void saveCheckpoint(int64_t step);
    void trainSteps(EndEvent& end, std::stop_token stop);
    bool adapterIsFinite();
    std::string rescue(int64_t step) noexcept;
    double rateAt(int64_t step) const;
    void rememberPeak(const MemoryByTag& peak);
    void turnTo(RunPhase phase);

    const RunConfig& m_config;
    TrainerParts m_parts;
    Optimizer m_optimizer;
    Storage m_scalars; ///< F32 [3]: loss, norm, factor
    int64_t m_steps;
    const RunObserver* m_observer = nullptr;
    std::vector<int64_t> m_checkpoints; ///< steps, the oldest first
    MemoryByTag m_peak;
    std::optional<RunPhase> m_phase;
};

} // namespace lorikeet
