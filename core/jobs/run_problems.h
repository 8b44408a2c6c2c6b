// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/jobs/checked_files.h"
#include "core/jobs/run_check.h"

namespace lorikeet {

/// What a check has found out of a run, for those who look for problems in it. The texts are empty where nothing is
/// wrong.
struct CheckedRun {
    const RunConfig& config; ///< as it was asked for
    const RunCheck& check;   ///< without problems yet
    const CheckedModel* model = nullptr;
    const RowCounts* counts = nullptr;
    std::vector<RunViolation> refused = {};       ///< values that no run may have
    std::vector<std::string> unknownModules = {}; ///< of lora.target_modules
    std::string modelError = {}, tokenizerError = {}, dataError = {}, evalError = {}, adapterError = {};
    std::string targetsError = {}, savedError = {}, memoryError = {}, kernelsError = {}, bitsError = {};
    std::optional<int64_t> freeDisk = {}; ///< bytes in the data folder
    int64_t neededDisk = 0;
    bool canWriteData = true;
};

/// Errors first, in the order of the page otherwise.
std::vector<RunProblem> problemsOf(const CheckedRun& run);

} // namespace lorikeet
