// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/runs/run_lock.h"

namespace lorikeet {

class RunStore;
struct EndEvent;
struct NewRun;
struct RunConfig;
struct RunStart;

/// What is recorded of a run with this configuration.
NewRun newRun(const RunConfig& config);

/// A run that is recorded and alive: while this lives, nobody else can run it.
class LiveRun {
public:
    /// Records a new run. Where it cannot be locked, its record says so, and the error is thrown.
    LiveRun(RunStore& store, const RunConfig& config);
    /// A recorded one.
    LiveRun(RunStore& store, std::string id, RunLock lock);

    RunStore& store() const { return m_store; }
    const std::string& id() const { return m_id; }
    const std::filesystem::path& folder() const { return m_folder; }

    void start(const RunStart& start);
    /// Whether start() has been recorded; until then a run that goes on is as it was.
    bool hasStarted() const { return m_hasStarted; }
    void end(const EndEvent& end);

private:
    RunStore& m_store;
    std::string m_id;
    std::filesystem::path m_folder;
    RunLock m_lock;
    bool m_hasStarted = false;
};

} // namespace lorikeet
