// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {

/// Runs that are left as kill -9 leaves them, and go on.
class KilledRunTest : public JobsTest {
protected:
    /// Trains until `isEnough` holds of an event; returns the run's id.
    std::string trainAndKill(const RunConfig& config, const std::function<bool(const RunEvent&)>& isEnough);
    static std::function<bool(const RunEvent&)> stepIs(int64_t step);
    /// Keeps the events of the rest.
    EndEvent resume(const std::string& id, ResumeOptions options = {});
    EndEvent resume(const std::string& id, RunControl& control, ResumeOptions options = {});
    std::filesystem::path checkpoint(const std::string& id, int64_t step);
};

} // namespace lorikeet
