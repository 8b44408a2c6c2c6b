// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/phrase.h"
#include "core/jobs/job_progress.h"
#include "core/jobs/run_fit.h"
#include "core/jobs/workshop.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// An Error keeps a run from starting; a Warning and a Note do not.
enum class ProblemSeverity : uint8_t { Error, Warning, Note };

/// What is wrong, or remarkable, with a run that is being set up, in the words of the user's task.
struct RunProblem {
    ProblemSeverity severity = ProblemSeverity::Error;
    Phrase title;                   ///< "Learning rate 10 x default"
    Phrase detail;                  ///< "The loss often diverges"
    std::string key;                ///< the run file's dotted key that it concerns; may be empty
    Phrase fixLabel;                ///< "Use 2e-4"; empty where there is no fix
    std::optional<RunConfig> fixed; ///< the run after the fix
    bool mayPass = false; ///< it comes of what is free now, and may be gone when the turn of a queued run has come
};

struct ModelFacts {
    std::filesystem::path path;
    std::string family;     ///< "llama"
    std::string storedType; ///< that most of its values have: "BF16", "Q4_1", "NF4"
    int64_t parameters = 0;
    int64_t bytes = 0; ///< of its tensors on disk
    int64_t maxPositions = 0;
    bool hasChatTemplate = false;
    std::vector<std::string> modules; ///< names for lora.target_modules: "q_proj", ...
};

/// What a run's rows are, with its own settings.
struct DataFacts {
    std::string format; ///< "prompt_completion", never "auto"
    bool usesChatTemplate = false;
    int64_t rows = 0;           ///< of the file
    int64_t trainedRows = 0;    ///< without those that are skipped or held out
    int64_t evaluationRows = 0; ///< held out, or of the file for evaluation
    int64_t skipped = 0, truncated = 0;
    int64_t tokens = 0, trainedTokens = 0; ///< of the used rows, after the cut
    int64_t longest = 0;                   ///< tokens of the longest sequence
};

struct DeviceMemory {
    std::string name;                                      ///< "cpu"
    int64_t total = 0;                                     ///< bytes
    int64_t otherPrograms = 0;                             ///< bytes that other programs hold
    int64_t free() const { return total - otherPrograms; } ///< what this process could have
};

struct TimeEstimate {
    double seconds = 0.0;
    double tokensPerSecond = 0.0;
    std::string run, runName; ///< the finished run that the speed was measured in: id and name
};

/// All that is known of a run before it starts.
struct RunCheck {
    bool isProvisional = false; ///< files have not been read, or not with these settings: prepare() would tell more
    std::optional<ModelFacts> model;
    std::optional<DataFacts> data; ///< absent until the rows have been read
    DeviceMemory device;
    std::optional<MemoryByTag> peak; ///< absent where there is no model, or settings that cannot be planned with
    bool fits = true;
    FitPlan fit; ///< "make it fit"; without steps where the run fits
    int64_t trainableParameters = 0;
    double trainableShare = 0.0; ///< of the model's parameters

    int64_t rowsPerStep = 0; ///< or packs
    int64_t tokensPerStep = 0;
    std::optional<int64_t> stepsPerEpoch; ///< known with the rows
    std::optional<int64_t> steps;         ///< in all; known with the rows, or from training.max_steps
    std::optional<int64_t> evaluations;
    std::optional<TimeEstimate> time; ///< absent without a finished run of the same model and kernels
    std::vector<RunProblem> problems; ///< errors first

    /// Null where the run can start.
    const RunProblem* firstError() const;
    /// Null where the run can be queued: what is free is looked at again when its turn comes.
    const RunProblem* firstErrorInQueue() const;
};

/// Looks at runs that are being set up, as fast as one types: what comes from files is read once and kept until they
/// change. One thread at a time.
class RunChecker {
public:
    /// The workshop must outlive it.
    explicit RunChecker(Workshop& workshop);
    ~RunChecker();

    /// What is known now; within milliseconds, but for a model's first time. Does not throw for what is wrong with the
    /// run: that is among the problems.
    RunCheck check(const RunConfig& config);
    /// Reads what check() lacks: the tokenizer, and every row of the data once. Does not throw for what is wrong with
    /// the run either, only Cancelled.
    void prepare(const RunConfig& config, const ProgressObserver& progress = {}, std::stop_token stop = {});

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
