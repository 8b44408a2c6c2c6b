// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_events.h"

namespace lorikeet {

std::string_view runOutcomeName(RunOutcome outcome) {
    switch (outcome) {
    case RunOutcome::Finished:
        return "finished";
    case RunOutcome::Stopped:
        return "stopped";
    case RunOutcome::Paused:
        return "paused";
    case RunOutcome::Failed:
        break;
    }
    return "failed";
}

std::string_view runPhaseName(RunPhase phase) {
    switch (phase) {
    case RunPhase::Training:
        return "training";
    case RunPhase::Evaluating:
        return "evaluating";
    case RunPhase::Sampling:
        return "sampling";
    case RunPhase::Saving:
        break;
    }
    return "saving";
}

} // namespace lorikeet
