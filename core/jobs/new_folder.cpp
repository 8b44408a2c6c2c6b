// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/new_folder.h"

#include "core/base/error.h"
#include "core/base/files.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

void requireDone(const std::error_code& error, const char* what, const fs::path& path) {
    if (error)
        fail(ErrorCode::Io, "cannot {} {}: {}", what, path.string(), error.message());
}

/// Absolute, links followed, without a slash at the end: what can be renamed.
fs::path plainPath(const fs::path& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error);
    requireDone(error, "find", path);
    const fs::path plain = fs::weakly_canonical(absolute, error);
    requireDone(error, "find", path);
    return plain.has_filename() ? plain : plain.parent_path();
}

} // namespace

NewFolder::NewFolder(const fs::path& target) : m_target(plainPath(target)) {
    std::error_code error;
    const fs::file_status status = fs::status(m_target, error);
    if (fs::exists(status) && !fs::is_directory(status))
        fail(ErrorCode::BadConfig, "{} exists, and is no folder; nothing was written", target.string());
    if (fs::exists(status)) {
        const bool empty = fs::is_empty(m_target, error);
        requireDone(error, "look into", m_target);
        if (!empty)
            fail(ErrorCode::BadConfig, "{} exists and is not empty; nothing was written", target.string());
    }
    const fs::path parent = m_target.parent_path();
    for (fs::path folder = parent; !fs::exists(folder, error) && folder.has_relative_path();
         folder = folder.parent_path())
        m_firstMade = folder;
    fs::create_directories(parent, error);
    requireDone(error, "create", parent);
    // A number that is free: another process may be writing the same folder.
    for (int number = 1; m_path.empty(); ++number) {
        const fs::path path = parent / fmt::format(".{}.unfinished-{}", m_target.filename().string(), number);
        if (fs::create_directory(path, error))
            m_path = path;
        requireDone(error, "create", path);
    }
}

NewFolder::~NewFolder() {
    std::error_code ignored;
    if (m_path.empty())
        return;
    fs::remove_all(m_path, ignored);
    if (!m_firstMade.empty())
        fs::remove_all(m_firstMade, ignored);
}

void NewFolder::commit() {
    syncFolder(m_path);
    std::error_code error;
    fs::rename(m_path, m_target, error);
    requireDone(error, "create", m_target);
    m_path.clear();
    syncFolder(m_target.parent_path());
}

} // namespace lorikeet
