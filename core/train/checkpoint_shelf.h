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
struct RunIdentity;

/// The folders of a run's checkpoints, runs/ID/checkpoints/step-N, and which of them are kept: the last ones, and the
/// best.
class CheckpointShelf {
public:
    /// `limit`: how many of the last are kept; absent: all.
    CheckpointShelf(const std::filesystem::path& runFolder, std::optional<int64_t> limit);

    /// The folder that a checkpoint of this step has.
    std::filesystem::path folderOf(int64_t step) const;
    /// Steps of which there is a folder, ascending; whether it holds a whole checkpoint is not looked at.
    std::vector<int64_t> steps() const;

    /// The newest checkpoint that is whole; nothing where there is none. What is damaged is told to `warn` and passed
    /// over. Throws NotBuilt, BadConfig (of another run, configuration or data) and Io.
    std::optional<Checkpoint> newest(const RunIdentity& run, const std::function<void(const std::string&)>& warn) const;
    /// The one of that step. Throws NotFound, naming those that are there, BadFile too.
    Checkpoint at(int64_t step, const RunIdentity& run) const;

    /// Begins where a run goes on from `step`: what lies beyond it, and what was left half-done, is removed.
    void goOnFrom(int64_t step);
    /// Whether this run has saved, or gone on from, a checkpoint of that step.
    bool holds(int64_t step) const;
    /// Writes one and removes those that are not kept any more; returns their steps. `best` is the step of the best
    /// evaluation. Throws as writeCheckpoint; nothing has been removed then.
    std::vector<int64_t> save(const CheckpointParts& parts, std::optional<int64_t> best);

private:
    std::filesystem::path m_folder;
    std::optional<int64_t> m_limit;
    std::vector<int64_t> m_held; ///< ascending
};

} // namespace lorikeet
