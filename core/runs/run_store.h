// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runs/data_folder.h"
#include "core/runs/run_record.h"

namespace lorikeet {

/// The database of runs, lorikeet.db in the data folder: what each run was told, how it went, where its results are.
///
/// Any thread may call: a mutex serialises the calls of one store. Any number of processes may have the same database
/// open; a write waits for other writers up to ten seconds, then throws Busy. Each call is one short transaction.
/// Other errors: BadFile (the file is damaged or no database of Lorikeet), NotBuilt (a newer Lorikeet wrote it), Io
/// (cannot be opened or written, full disk), NotFound (no such run).
class RunStore {
public:
    enum class Access { ReadWrite, ReadOnly };

    /// Opens the database and, with ReadWrite, creates it with its folder or migrates it where an older version wrote
    /// it.
    explicit RunStore(DataFolder folder, Access access = Access::ReadWrite);
    ~RunStore();
    RunStore(const RunStore&) = delete;
    RunStore& operator=(const RunStore&) = delete;

    const DataFolder& folder() const { return m_folder; }

    /// Adds a run in state Created and makes its folder. The record returned has its id.
    RunRecord create(const NewRun& run);
    RunRecord get(std::string_view id) const;
    /// The newest first; at most `limit`.
    std::vector<RunRecord> list(int64_t limit = std::numeric_limits<int64_t>::max()) const;

    /// Marks the run as Running. The caller holds its RunLock from before this call until after end().
    void start(std::string_view id, const RunStart& start);
    void end(std::string_view id, const RunEnd& end);
    void rename(std::string_view id, std::string_view name);
    /// Deletes the run, everything recorded of it and its folder. Throws Busy while the run is alive.
    void remove(std::string_view id);

    /// Records steps (replacing what was recorded for the same step), and the run's last step and loss with them.
    void recordSteps(std::string_view id, std::span<const StepMetrics> steps);
    void recordMemory(std::string_view id, const StepMemory& memory);
    void recordEvaluation(std::string_view id, const EvaluationRecord& evaluation);
    void recordSample(std::string_view id, const SampleRecord& sample);
    void recordCheckpoint(std::string_view id, const CheckpointRecord& checkpoint);
    void forgetCheckpoint(std::string_view id, int64_t step);
    /// Deletes all that was recorded past `step`: what a resume from that step's checkpoint does first.
    void rewind(std::string_view id, int64_t step);

    /// Each in the order of steps, those after `afterStep` only.
    std::vector<StepMetrics> metrics(std::string_view id, int64_t afterStep = -1) const;
    std::vector<StepMemory> memory(std::string_view id, int64_t afterStep = -1) const;
    std::vector<EvaluationRecord> evaluations(std::string_view id) const;
    std::vector<SampleRecord> samples(std::string_view id) const;
    std::vector<CheckpointRecord> checkpoints(std::string_view id) const;

private:
    struct State;
    DataFolder m_folder;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
