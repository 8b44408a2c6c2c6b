// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train_display.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/event_json.h"
#include "app/cli/session.h"

namespace lorikeet::cli {

TrainDisplay::TrainDisplay(bool json) : m_json(json), m_progress("Training", json) {}

void TrainDisplay::show(const RunEvent& event) {
    if (m_json)
        printJsonLine(eventJson(event));
    else
        showForPeople(event);
}

void TrainDisplay::showForPeople(const RunEvent& event) {
    if (const auto* start = std::get_if<StartEvent>(&event))
        showStart(*start);
    else if (const auto* step = std::get_if<StepEvent>(&event))
        showStep(*step);
    else if (const auto* eval = std::get_if<EvalEvent>(&event))
        say(fmt::format("step {}: evaluation loss {:.4f}", eval->step, eval->loss));
    else if (const auto* sample = std::get_if<SampleEvent>(&event))
        say(fmt::format("step {}: {}\n  {}", sample->step, sample->prompt, sample->text));
    else if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event))
        say(fmt::format("step {}: saved to {}", checkpoint->step, checkpoint->path.string()));
    else if (const auto* warning = std::get_if<WarningEvent>(&event))
        say("warning: " + warning->text);
    else if (const auto* end = std::get_if<EndEvent>(&event))
        showEnd(*end);
}

void TrainDisplay::showStart(const StartEvent& event) {
    say(fmt::format("Run {}: {} rows, {} steps, {} trainable parameters, kernels {}, about {} of memory", event.run,
                    countText(event.rows), countText(event.steps), countText(event.trainableParameters), event.kernels,
                    memoryText(event.estimate.total())));
    if (event.resumedFrom)
        say(*event.resumedFrom > 0 ? fmt::format("Going on after step {}", *event.resumedFrom)
                                   : std::string("There is no checkpoint: beginning anew"));
}

void TrainDisplay::showStep(const StepEvent& event) {
    if (m_last.step == 0)
        m_firstLoss = event.loss;
    m_last = event;
    m_progress.update(event.steps > 0 ? double(event.step) / double(event.steps) : 0.0,
                      fmt::format("step {}/{}  loss {:.4f}  {:.0f} tokens/s  {}  {} left", event.step, event.steps,
                                  event.loss, event.tokensPerSecond, memoryText(event.memory.total()),
                                  durationText(event.secondsLeft)));
}

void TrainDisplay::showEnd(const EndEvent& event) {
    m_progress.finish();
    if (m_last.step > 0)
        say(fmt::format("{} steps in {}: loss {:.4f} at first, {:.4f} at last; peak memory {}", event.steps,
                        durationText(event.seconds), m_firstLoss, m_last.loss, memoryText(event.peak.total())));
    if (event.outcome == RunOutcome::Failed)
        say("The run failed: " + event.reason);
    else if (!event.reason.empty())
        say(event.reason);
    if (event.adapter || event.model)
        say(fmt::format("{}the {} is in {}",
                        event.outcome == RunOutcome::Stopped ? fmt::format("Stopped after step {}; ", event.steps) : "",
                        event.model ? "finetuned model" : "adapter",
                        (event.model ? *event.model : *event.adapter).string()));
}

void TrainDisplay::say(const std::string& line) {
    m_progress.clear();
    fmt::print(stderr, "{}\n", line);
}

int exitCodeOf(const EndEvent& end) {
    switch (end.outcome) {
    case RunOutcome::Finished:
        return kDone;
    case RunOutcome::Stopped:
        return kStopped;
    case RunOutcome::Paused: // by itself, on a full disk
    case RunOutcome::Failed:
        return kFailed;
    }
    return kFailed;
}

} // namespace lorikeet::cli
