// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lorikeet {

struct Checkpoint;
struct CheckpointParts;

/// The folders of a run's checkpoints, runs/ID/checkpoints/step-N, and which of them are kept: the last ones, and the
/// best.
class CheckpointShelf {
public:
    /// `limit`: how many of the last are kept; absent: all.
    CheckpointShelf(const std::filesystem::path& runFolder, std::optional<int64_t> limit);

    /// The folder that a checkpoint of this step has.
    std::filesystem::path folderOf(int64_t step) const;
    /// Steps of which there is a checkpoint, ascending; whether it is whole is not looked at.
    std::vector<int64_t> steps() const;

    /// The newest checkpoint of the run that is whole; nothing where there is none at all. What is damaged or cannot be
    /// read is told to `warn` and passed over. Throws BadFile or Io where there are some, but none is whole; NotBuilt,
    /// BadConfig (of another run).
    std::optional<Checkpoint> newest(const std::string& run, const std::function<void(const std::string&)>& warn);
    /// The one of that step. Throws NotFound, naming those that are there, BadFile and Io too.
    Checkpoint at(int64_t step, const std::string& run);

    /// Begins where a run goes on from `step`: what lies beyond it, and what was left half-done, is removed. What lies
    /// beyond it and is damaged is kept, as "step-N.damaged", until a checkpoint of that step or a later one is saved.
    void goOnFrom(int64_t step);
    /// Whether this run has saved, or gone on from, a checkpoint of that step.
    bool holds(int64_t step) const;
    /// Writes one and removes those that are not kept any more; returns their steps. `best` is the step of the best
    /// evaluation. Throws as writeCheckpoint; nothing has been removed then.
    std::vector<int64_t> save(const CheckpointParts& parts, std::optional<int64_t> best);

private:
    void adoptReplaced() const;
    Checkpoint open(int64_t step, const std::string& run) const;
    void dropDamaged(int64_t step) const;

    std::filesystem::path m_folder;
    std::optional<int64_t> m_limit;
    std::vector<int64_t> m_held; ///< ascending
};

} // namespace lorikeet
