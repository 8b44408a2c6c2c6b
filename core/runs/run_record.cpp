// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_record.h"

namespace lorikeet {

std::string_view runStateName(RunState state) {
    switch (state) {
    case RunState::Created:
        return "created";
    case RunState::Queued:
        return "queued";
    case RunState::Running:
        return "running";
    case RunState::Interrupted:
        return "interrupted";
    case RunState::Paused:
        return "paused";
    case RunState::Finished:
        return "finished";
    case RunState::Stopped:
        return "stopped";
    case RunState::Failed:
        return "failed";
    }
    return "unknown";
}

} // namespace lorikeet
