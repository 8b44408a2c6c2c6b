// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint_shelf.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/checkpoint.h"
#include "core/train/checkpoint_manifest.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";

constexpr std::string_view kDamaged = ".damaged";
constexpr std::string_view kRemoved = ".removed";
constexpr std::string_view kReplaced = ".old";
constexpr std::string_view kUnfinished = ".tmp";

std::optional<int64_t> stepOf(std::string_view name) {
    int64_t step = 0;
    if (!name.starts_with(kPrefix))
        return std::nullopt;
    const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), step);
    return error == std::errc() && rest == name.data() + name.size() && step > 0 ? std::optional(step) : std::nullopt;
}

/// The step of a folder whose name has something behind it, as "step-3.old".
std::optional<int64_t> stepBefore(std::string_view suffix, const fs::path& folder) {
    const std::string name = folder.filename().string();
    if (!name.ends_with(suffix))
        return std::nullopt;
    return stepOf(std::string_view(name).substr(0, name.size() - suffix.size()));
}

fs::path withSuffix(fs::path folder, std::string_view suffix) {
    folder += suffix;
    return folder;
}

std::vector<fs::path> entriesOf(const fs::path& folder) {
    std::error_code error; // a folder that is not there has none
    return fs::exists(folder, error) ? listFolder(folder) : std::vector<fs::path>();
}

/// The same where nothing depends on it: none of a folder that cannot be listed.
std::vector<fs::path> entriesOrNone(const fs::path& folder) {
    try {
        return entriesOf(folder);
    } catch (const Error&) {
        return {};
    }
}

/// The steps of the folders that have a checkpoint's name, ascending.
std::vector<int64_t> stepsOf(const std::vector<fs::path>& entries) {
    std::vector<int64_t> steps;
    for (const fs::path& entry : entries)
        if (const auto step = stepOf(entry.filename().string()))
            steps.push_back(*step);
    std::sort(steps.begin(), steps.end());
    return steps;
}

/// Deletes a folder so that, wherever this ends, nothing that looks like a checkpoint is left.
void removeFolder(const fs::path& folder) {
    std::error_code ignored;
    const fs::path removed = withSuffix(folder, kRemoved);
    fs::remove_all(removed, ignored);
    fs::rename(folder, removed, ignored);
    fs::remove_all(removed, ignored);
}

/// Takes a checkpoint that is not whole off the shelf, without losing what may still be of use in it.
void setAside(const fs::path& folder) {
    std::error_code ignored;
    const fs::path aside = withSuffix(folder, kDamaged);
    fs::remove_all(aside, ignored);
    fs::rename(folder, aside, ignored);
}

/// Whether a run could go on from it.
bool isWhole(const fs::path& folder) {
    try {
        openCheckpoint(folder);
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

CheckpointShelf::CheckpointShelf(const fs::path& runFolder, std::optional<int64_t> limit)
    : m_folder(runFolder / "checkpoints"), m_limit(limit) {}

fs::path CheckpointShelf::folderOf(int64_t step) const {
    return m_folder / fmt::format("{}{}", kPrefix, step);
}

std::vector<int64_t> CheckpointShelf::steps() const {
    std::vector<int64_t> steps = stepsOf(entriesOrNone(m_folder));
    std::erase_if(steps, [&](int64_t step) {
        std::error_code error;
        return !fs::exists(folderOf(step) / kManifestFile, error);
    });
    return steps;
}

/// Brings back what was about to be replaced when its process ended (see replaceFolder).
void CheckpointShelf::adoptReplaced() const {
    for (const fs::path& entry : entriesOf(m_folder)) {
        const auto step = stepBefore(kReplaced, entry);
        std::error_code error;
        if (step && !fs::exists(folderOf(*step), error) && isWhole(entry))
            renameDurably(entry, folderOf(*step));
    }
}

std::optional<Checkpoint> CheckpointShelf::newest(const std::string& run,
                                                  const std::function<void(const std::string&)>& warn) {
    adoptReplaced();
    const std::vector<int64_t> found = stepsOf(entriesOf(m_folder));
    ErrorCode why = ErrorCode::BadFile;
    std::string faults;
    for (auto step = found.rbegin(); step != found.rend(); ++step) {
        try {
            return open(*step, run);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadFile && error.code() != ErrorCode::Io)
                throw;
            why = error.code();
            faults += (faults.empty() ? "" : "; ") + error.message();
            warn(
                fmt::format("the checkpoint of step {} cannot be used and is passed over: {}", *step, error.message()));
        }
    }
    if (!found.empty())
        fail(why,
             "run {}: none of its checkpoints is whole, and they stay as they are ({}). To begin the run again from "
             "step 0: lorikeet-cli train --resume {} --checkpoint 0; or start a new run with its settings",
             run, faults, run);
    return std::nullopt;
}

Checkpoint CheckpointShelf::at(int64_t step, const std::string& run) {
    adoptReplaced();
    std::error_code error;
    if (!fs::exists(folderOf(step), error))
        fail(ErrorCode::NotFound, "run {}: there is no checkpoint of step {}; there are those of: {}", run, step,
             fmt::join(steps(), ", "));
    return open(step, run);
}

Checkpoint CheckpointShelf::open(int64_t step, const std::string& run) const {
    Checkpoint checkpoint = openCheckpoint(folderOf(step));
    if (checkpoint.identity.run != run)
        fail(ErrorCode::BadConfig, "{}: this checkpoint is of the run '{}', not of '{}'", checkpoint.folder.string(),
             checkpoint.identity.run.substr(0, 64), run);
    if (checkpoint.state.step != step)
        fail(ErrorCode::BadFile, "{}: it holds a checkpoint of step {}", checkpoint.folder.string(),
             checkpoint.state.step);
    return checkpoint;
}

void CheckpointShelf::goOnFrom(int64_t step) {
    std::error_code ignored;
    for (const fs::path& entry : entriesOrNone(m_folder))
        for (const std::string_view leftover : {kUnfinished, kRemoved, kReplaced})
            if (stepBefore(leftover, entry))
                fs::remove_all(entry, ignored);
    for (const int64_t other : stepsOf(entriesOrNone(m_folder))) {
        const bool isBeyond = other > step;
        if (isBeyond ? !isWhole(folderOf(other)) : !fs::exists(folderOf(other) / kManifestFile, ignored))
            setAside(folderOf(other));
        else if (isBeyond)
            removeFolder(folderOf(other));
    }
    m_held = steps();
}

/// Those of a step that another checkpoint has reached.
void CheckpointShelf::dropDamaged(int64_t step) const {
    std::error_code ignored;
    for (const fs::path& entry : entriesOrNone(m_folder))
        if (const auto damaged = stepBefore(kDamaged, entry); damaged && *damaged <= step)
            fs::remove_all(entry, ignored);
}

bool CheckpointShelf::holds(int64_t step) const {
    return std::binary_search(m_held.begin(), m_held.end(), step);
}

std::vector<int64_t> CheckpointShelf::save(const CheckpointParts& parts, std::optional<int64_t> best) {
    const int64_t step = parts.state.step;
    writeCheckpoint(folderOf(step), parts);
    if (!holds(step))
        m_held.push_back(step);
    dropDamaged(step);
    std::vector<int64_t> dropped;
    // The best one does not count, so that a run always keeps its last ones, too.
    const auto counts = [&](int64_t held) { return held != best; };
    while (m_limit && std::count_if(m_held.begin(), m_held.end(), counts) > *m_limit && m_held.size() > 1) {
        const auto oldest = std::find_if(m_held.begin(), m_held.end(), counts);
        if (*oldest == step)
            break;
        removeFolder(folderOf(*oldest));
        dropped.push_back(*oldest);
        m_held.erase(oldest);
    }
    return dropped;
}

} // namespace lorikeet
