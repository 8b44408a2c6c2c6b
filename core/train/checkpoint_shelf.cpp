// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint_shelf.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/error.h"
#include "core/train/checkpoint.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";

std::optional<int64_t> stepOf(const std::string& name) {
    int64_t step = 0;
    const char* end = name.data() + name.size();
    if (!name.starts_with(kPrefix))
        return std::nullopt;
    const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
    return error == std::errc() && rest == end && step > 0 ? std::optional(step) : std::nullopt;
}

/// Deletes a folder so that, wherever this ends, nothing that looks like a checkpoint is left.
void removeFolder(const fs::path& folder) {
    std::error_code ignored;
    fs::path old = folder;
    old += ".old";
    fs::remove_all(old, ignored);
    fs::rename(folder, old, ignored);
    fs::remove_all(old, ignored);
}

} // namespace

CheckpointShelf::CheckpointShelf(const fs::path& runFolder, std::optional<int64_t> limit)
    : m_folder(runFolder / "checkpoints"), m_limit(limit) {}

fs::path CheckpointShelf::folderOf(int64_t step) const {
    return m_folder / fmt::format("{}{}", kPrefix, step);
}

std::vector<int64_t> CheckpointShelf::steps() const {
    std::vector<int64_t> steps;
    std::error_code error; // a folder that is not there has none
    for (const auto& entry : fs::directory_iterator(m_folder, error))
        if (const auto step = stepOf(entry.path().filename().string()))
            steps.push_back(*step);
    std::sort(steps.begin(), steps.end());
    return steps;
}

std::optional<Checkpoint> CheckpointShelf::newest(const RunIdentity& run,
                                                  const std::function<void(const std::string&)>& warn) const {
    std::vector<int64_t> found = steps();
    for (auto step = found.rbegin(); step != found.rend(); ++step) {
        try {
            return at(*step, run);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadFile)
                throw;
            warn(
                fmt::format("the checkpoint of step {} cannot be used and is passed over: {}", *step, error.message()));
        }
    }
    return std::nullopt;
}

Checkpoint CheckpointShelf::at(int64_t step, const RunIdentity& run) const {
    if (!fs::exists(folderOf(step)))
        fail(ErrorCode::NotFound, "run {}: there is no checkpoint of step {}; there are those of: {}", run.run, step,
             fmt::join(steps(), ", "));
    Checkpoint checkpoint = openCheckpoint(folderOf(step));
    requireSameRun(checkpoint.folder, checkpoint.identity, run);
    if (checkpoint.state.step != step)
        fail(ErrorCode::BadFile, "{}: it holds a checkpoint of step {}", checkpoint.folder.string(),
             checkpoint.state.step);
    return checkpoint;
}

void CheckpointShelf::goOnFrom(int64_t step) {
    std::vector<fs::path> leftovers;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(m_folder, error))
        if (entry.path().extension() == ".tmp" || entry.path().extension() == ".old")
            leftovers.push_back(entry.path());
    for (const fs::path& folder : leftovers)
        fs::remove_all(folder, error);
    m_held = steps();
    while (!m_held.empty() && m_held.back() > step) {
        removeFolder(folderOf(m_held.back()));
        m_held.pop_back();
    }
}

bool CheckpointShelf::holds(int64_t step) const {
    return std::binary_search(m_held.begin(), m_held.end(), step);
}

std::vector<int64_t> CheckpointShelf::save(const CheckpointParts& parts, std::optional<int64_t> best) {
    const int64_t step = parts.state.step;
    writeCheckpoint(folderOf(step), parts);
    if (!holds(step))
        m_held.push_back(step);
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
