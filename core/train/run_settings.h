// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/train/run_config.h"

namespace lorikeet {

/// One key of a run's file, for lists of settings.
struct RunSetting {
    std::string key;       ///< dotted: "lora.r"
    std::string value;     ///< a text as it is, all else as JSON; empty where null or absent
    std::string byDefault; ///< the same of RunConfig()

    bool isDefault() const { return value == byDefault; }
    bool operator==(const RunSetting&) const = default;
};

/// Every key of the run's file, in the order in which it is written. Lists and tables (lora.target_modules,
/// data.columns) are one setting each.
std::vector<RunSetting> flatSettings(const RunConfig& config);

/// The run with one setting changed to a value as RunSetting has it. What does not fit together, or is not built, is
/// for violationsOf(). Throws BadConfig for an unknown key, or a value that the key may not have (key, value and what
/// is allowed).
RunConfig withSetting(const RunConfig& config, std::string_view key, std::string_view value);

/// The run with one setting as it is by default. Throws BadConfig for an unknown key.
RunConfig resetSetting(const RunConfig& config, std::string_view key);

/// The settings whose values a reader of run files would refuse (a rank of 0), each with the reader's words.
std::vector<RunViolation> refusedSettings(const RunConfig& config);

} // namespace lorikeet
