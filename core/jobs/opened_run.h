// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/jobs/job_progress.h"
#include "core/jobs/training_data.h"
#include "core/jobs/workshop.h"
#include "core/model/adapter.h"
#include "core/train/run_config.h"
#include "core/train/trainer.h"

namespace lorikeet {

/// How a run is opened.
struct OpeningOptions {
    WallTime moment = 0;               ///< the date that its chat template tells in all of it
    bool isFresh = true;               ///< the disk must have room for all that a run saves
    bool needsFreeMemory = false;      ///< what is foreseen must fit into what other programs leave
    std::filesystem::path folder = {}; ///< of a run that is recorded already, which may have what it began with
    const Checkpoint* from = nullptr;  ///< where it goes on: then nothing is needed of the adapter that it began with
};

/// What a run needs, opened and checked before anything of it is recorded.
class OpenedRun {
public:
    /// Throws as trainRun, and OutOfMemory.
    OpenedRun(Workshop& workshop, const RunConfig& wanted, const OpeningOptions& options,
              const ProgressObserver& progress, std::stop_token stop);

    const RunConfig& config() const { return m_config; }
    WallTime moment() const { return m_moment; }
    const TrainingData& data() const { return *m_data; }
    const MemoryByTag& estimate() const { return m_estimate; }
    /// Those that were chosen for its linear layers; none where its file gives one for all.
    const Blocksizes& blocksizes() const { return m_blocksizes; }
    /// Those of the base as it was opened: chosen ones, or those of a file that is quantized already.
    const Blocksizes& baseBlocksizes() const;
    Backend& backend() const { return m_context->backend(); }
    int64_t trainableParameters() const { return m_adapter->parameterCount(); }

    /// For a trainer of the run `id` that saves into `folder`. The planner must outlive it, as this must.
    TrainerParts parts(const std::string& id, const std::filesystem::path& folder, StepPlanner& planner);
    /// What the user should know of a run that starts now.
    std::vector<std::string> warnings() const;

private:
    void openWhole(const std::filesystem::path& model, const LoadOptions& options);

    RunConfig m_config;
    WallTime m_moment;
    ModelText m_text;
    std::optional<TrainingData> m_data;
    std::unique_ptr<ExecutionContext> m_context;
    std::shared_ptr<const BaseModel> m_base;
    std::optional<LoraAdapter> m_adapter;
    Blocksizes m_blocksizes;
    ModelTexts m_modelTexts; ///< of a full finetuning
    MemoryByTag m_estimate;
    std::string m_identity; ///< of the model
};

} // namespace lorikeet
