// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/function_ref.h"
#include "core/data/batches.h"
#include "core/model/adapter.h"
#include "core/train/adapter_folder.h"
#include "core/train/checkpoint.h"
#include "core/train/checkpoint_shelf.h"
#include "core/train/evaluation.h"
#include "core/train/live_facts.h"
#include "core/train/loss_watch.h"
#include "core/train/optimizer.h"
#include "core/train/run_config.h"
#include "core/train/run_control.h"
#include "core/train/run_events.h"

namespace lorikeet {

class BaseModel;

/// What a training run works with. The references must outlive the trainer.
struct TrainerParts {
    ExecutionContext& context;
    const BaseModel& base;
    LoraAdapter& adapter; ///< trainable, as the run begins with it; holds the result
    StepPlanner& planner;
    EvaluationRows evaluation = {}; ///< absent: no evaluations
    /// The continuation of a prompt by the adapter as it stands; empty: no samples.
    std::function<std::string(const std::string& prompt, std::stop_token stop)> sample = {};
    /// Receives `adapter` at the end, in a full finetuning `model`, and `checkpoints/step-N` on the way; must exist.
    std::filesystem::path folder = {};
    TrainedOver trainedOver = {};
    ModelTexts modelTexts = {};               ///< of a full finetuning
    DataFingerprint data = {};                ///< of the planner's rows and those of the evaluation
    std::string model = {};                   ///< fingerprint of the base's files; empty: not compared
    std::optional<Checkpoint> from = {};      ///< where to go on; absent: from the beginning
    bool rehearses = true;                    ///< tries the longest micro-batch before the first step
    std::function<void(RunPhase)> phase = {}; ///< hears what the run turns to
    StartEvent start = {}; ///< what its first event says; the trainer fills in steps, kernels and trainableParameters
};

/// The optimizer steps of a run: `max_steps`, or those of the epochs.
int64_t plannedSteps(const TrainingConfig& training, StepPlanner& planner);
/// The same by a function that knows the steps of an epoch.
int64_t plannedSteps(const TrainingConfig& training, FunctionRef<int64_t(int64_t epoch)> stepsInEpoch);

/// Trains an adapter (QLoRA, Dettmers et al. 2023), or a whole model where the adapter is one. Blocks; one thread. The
/// same parts give the same bits, in one go or from checkpoint to checkpoint.
class Trainer {
public:
    /// Where the run goes on, adapter and optimizer take the checkpoint's values. Throws BadFile where they do not fit,
    /// BadConfig where the checkpoint is of another run, configuration, model, data or kernel set.
    Trainer(const RunConfig& config, TrainerParts parts);

    /// First tries the longest micro-batch, so that what does not fit in memory fails at once (OutOfMemory, with
    /// advice). Then trains to the end, to a stop or pause (polled per micro-batch; the step under way is dropped), or
    /// until the loss diverges; what that left is not saved. A finished or stopped run has saved its adapter, a stopped
    /// or paused one a checkpoint. A checkpoint that cannot be saved is a warning; where the disk is full the run
    /// pauses. The end is returned, not observed. Throws what its parts throw, Io where the adapter cannot be saved at
    /// the end; what was trained until then is saved as a checkpoint first, where it is finite and can be, and the
    /// message says where.
    EndEvent run(const RunObserver& observer, RunControl& control);

private:
    using Clock = std::chrono::steady_clock;
    struct StepSums;

    void goOn(Checkpoint& from);
    void rehearse();
    void trainSteps();
    void nextStep();
    bool takeStep(int64_t step, const StepData& data, StepSums& sums);
    void judge(int64_t step, const StepSums& sums);
    void finishStep();
    bool evaluate();
    bool drawSamples();
    void close(EndEvent& end);

    void saveCheckpoint();
    void writeCheckpoint();
    bool requireFinite();
    std::string rescue() noexcept;

    bool isSaved() const;
    bool isEvaluationDue() const;
    bool areSamplesDue() const;
    bool endsEarly() const;
    bool isDone() const;
    bool isInterrupted() const;
    double rateAt(int64_t step) const;
    double seconds() const;
    void tell(const RunEvent& event);
    void warn(const std::vector<std::string>& texts);
    void rememberPeak(const MemoryByTag& peak);
    void turnTo(RunPhase phase);

    const RunConfig& m_config;
    TrainerParts m_parts;
    RunIdentity m_identity;
    Optimizer m_optimizer;
    Storage m_scalars; ///< F32 [3]: loss, norm, factor
    int64_t m_steps;
    LiveFacts m_facts;
    TrainingState m_state;
    LossWatch m_watch;
    double m_lastLoss = 0.0;
    std::optional<TrainingState> m_saved; ///< as the newest checkpoint holds it
    std::string m_history;                ///< lines of historyLine(), of all parts of the run
    CheckpointShelf m_shelf;
    const RunObserver* m_observer = nullptr;
    RunControl* m_control = nullptr;
    Clock::time_point m_started;
    double m_secondsBefore = 0.0; ///< of the run's earlier parts
    bool m_isChanging = false;    ///< the optimizer is writing what is trained
    std::string m_failure, m_failureCode;
    std::string m_diskFull; ///< why the run has to pause
    std::optional<RunPhase> m_phase;
};

} // namespace lorikeet
