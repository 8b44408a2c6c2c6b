// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runs/data_folder.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_record.h"
#include "core/runs/store_access.h"

namespace lorikeet {

/// A run that somebody has begun to run: nobody else can.
struct TakenRun {
    std::string id;
    RunLock lock;
};

/// The database of runs, lorikeet.db in the data folder: what each run was told, how it went, where its results are.
///
/// Any thread may call: a mutex serialises the calls of one store. Any number of processes may have the same database
/// open; a write waits for other writers up to ten seconds, then throws Busy. Each call is one short transaction.
/// Other errors: BadFile (the file is damaged or no database of Lorikeet), NotBuilt (a newer Lorikeet wrote it), Io
/// (cannot be opened or written, full disk), NotFound (no such run).
class RunStore {
public:
    using Access = StoreAccess;

    explicit RunStore(DataFolder folder, Access access = Access::ReadWrite);
    ~RunStore();
    RunStore(const RunStore&) = delete;
    RunStore& operator=(const RunStore&) = delete;

    const DataFolder& folder() const { return m_folder; }

    /// Adds a run in state Created and makes its folder. The record returned has its id.
    RunRecord create(const NewRun& run);
    RunRecord get(std::string_view id) const;
    /// A number that grows whenever anybody, this store or another process, has changed the database. Cheap: a poller
    /// asks for it before it reads, and reads nothing while it stays the same. It tells nothing of a process that was
    /// killed: whether a Running run has become Interrupted, list() and get() alone say.
    int64_t changeCount() const;

    /// The newest first; at most `limit`. Without deleted ones.
    std::vector<RunRecord> list(int64_t limit = std::numeric_limits<int64_t>::max()) const;

    /// Adds a run in state Queued, behind all others.
    RunRecord createQueued(const NewRun& run);
    /// Puts a run that is not alive and not finished behind those that are queued; one that is queued moves there.
    /// Throws Busy where it is alive, InvalidArgument where it is finished.
    void enqueue(std::string_view id);
    /// Takes a run out of the queue: it is again what it was before, Created where it never ran. Nothing where it is
    /// not queued.
    void dequeue(std::string_view id);
    /// The same with one that cannot begin; its record tells why.
    void dropFromQueue(std::string_view id, std::string_view errorCode, std::string_view errorMessage);
    /// The queued runs, the next one first, whoever has taken them.
    std::vector<RunRecord> queue() const;
    /// Makes a queued run the one at `position` of queue(), from 0; the last one where there are fewer. Throws
    /// InvalidArgument where it is not queued.
    void moveInQueue(std::string_view id, int64_t position);
    /// The first queued run that nobody has taken, with its lock; nothing where there is none. One whose folder is gone
    /// is passed over. It stays queued until start(): where the taker ends before, it is there for the next one.
    std::optional<TakenRun> takeFirst();

    /// Marks the run as Running. The caller holds its RunLock from before this call until after end(). Throws Cancelled
    /// where the start is one from the queue, and the run is not queued any more. Like a run's making and its end, this
    /// is on the disk when it returns; what is recorded in between may be lost with the power.
    void start(std::string_view id, const RunStart& start);
    void end(std::string_view id, const RunEnd& end);
    /// Notes what the running run does now.
    void setPhase(std::string_view id, std::string_view phase);
    void rename(std::string_view id, std::string_view name);

    /// Hides the run from list(), or shows it again; all of it is kept. Throws Busy where a run to hide is alive.
    void setDeleted(std::string_view id, bool deleted);
    /// Removes the runs that have been hidden for at least `age`, except those that are alive or whose folder cannot be
    /// removed; returns how many. Interrupted at any moment, it leaves nothing that the next call does not finish.
    int64_t purgeDeleted(std::chrono::milliseconds age = {});
    /// Deletes the run, everything recorded of it and its folder. Throws Busy while the run is alive.
    void remove(std::string_view id);

    /// Records steps (replacing what was recorded for the same step), and the run's last step, loss and time with them.
    void recordSteps(std::string_view id, std::span<const StepMetrics> steps);
    void recordMemory(std::string_view id, const StepMemory& memory);
    /// Both of one step, in one transaction.
    void recordStep(std::string_view id, const StepMetrics& step, const NamedBytes& memory);
    void recordWarning(std::string_view id, const WarningRecord& warning);
    void recordEvaluation(std::string_view id, const EvaluationRecord& evaluation);
    void recordSample(std::string_view id, const SampleRecord& sample);
    void recordCheckpoint(std::string_view id, const CheckpointRecord& checkpoint);
    void forgetCheckpoint(std::string_view id, int64_t step);
    /// Deletes all that was recorded past `step`: what a resume from that step's checkpoint does first.
    void rewind(std::string_view id, int64_t step);
    /// The same, in one transaction with making what is recorded up to `step` what the checkpoint's history says:
    /// what the database lost is added, evaluations and samples of `step` itself that came after the checkpoint go.
    void rewind(std::string_view id, int64_t step, const RunHistory& history);

    /// Each in the order of steps, those after `afterStep` only. Samples, warnings and a checkpoint of a step follow
    /// after its metrics and one by one: who has read some of a step's asks for that step again.
    std::vector<StepMetrics> metrics(std::string_view id, int64_t afterStep = -1) const;
    std::vector<StepMemory> memory(std::string_view id, int64_t afterStep = -1) const;
    std::vector<EvaluationRecord> evaluations(std::string_view id, int64_t afterStep = -1) const;
    std::vector<SampleRecord> samples(std::string_view id, int64_t afterStep = -1) const;
    std::vector<CheckpointRecord> checkpoints(std::string_view id, int64_t afterStep = -1) const;
    std::vector<WarningRecord> warnings(std::string_view id, int64_t afterStep = -1) const;

    /// The evaluation with the lowest loss, the first of equal ones.
    std::optional<EvaluationRecord> bestEvaluation(std::string_view id) const;
    /// The run's whole loss curve by at most `points` points in the order of steps, each the mean of some neighbouring
    /// steps; steps without a finite loss are left out. Its cost hardly depends on the number of steps.
    std::vector<LossPoint> lossPreview(std::string_view id, int64_t points = 64) const;

private:
    struct State;
    RunRecord create(const NewRun& run, RunState state);
    std::vector<RunRecord> records(std::string_view which, int64_t limit) const;

    DataFolder m_folder;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
