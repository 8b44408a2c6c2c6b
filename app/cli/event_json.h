// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/runs/run_record.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/run_events.h"

namespace lorikeet {
struct GenerationResult;
}

namespace lorikeet::cli {

/// {tag: bytes, ..., "total": bytes}; tags that hold nothing are left out.
nlohmann::ordered_json memoryJson(const MemoryByTag& memory);
nlohmann::ordered_json memoryJson(const NamedBytes& memory);

/// The line that `train --json` prints for an event.
nlohmann::ordered_json eventJson(const RunEvent& event);

/// A run as `runs list --json` shows it.
nlohmann::ordered_json runJson(const RunRecord& run);
nlohmann::ordered_json metricsJson(const StepMetrics& metrics);

/// The last line of `generate --json`.
nlohmann::ordered_json generateEndJson(const GenerationResult& result);

/// "2026-03-01 14:05" in local time.
std::string timeText(UnixMilliseconds time);

} // namespace lorikeet::cli
