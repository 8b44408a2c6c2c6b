// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/jobs/killed_run.h"

#include "core/runs/run_store.h"

namespace lorikeet {
namespace {

/// What is thrown in place of kill -9.
struct Killed {};

} // namespace

std::string KilledRunTest::trainAndKill(const RunConfig& config, const std::function<bool(const RunEvent&)>& isEnough) {
    EXPECT_THROW(trainRun(m_workshop, config,
                          [&](const RunEvent& event) {
                              if (isEnough(event))
                                  throw Killed();
                          }),
                 Killed);
    return m_workshop.runs().list().at(0).id;
}

std::function<bool(const RunEvent&)> KilledRunTest::stepIs(int64_t step) {
    return [step](const RunEvent& event) {
        const auto* one = std::get_if<StepEvent>(&event);
        return one && one->step == step;
    };
}

EndEvent KilledRunTest::resume(const std::string& id, ResumeOptions options) {
    RunControl control;
    return resume(id, control, std::move(options));
}

EndEvent KilledRunTest::resume(const std::string& id, RunControl& control, ResumeOptions options) {
    m_events.clear();
    return resumeRun(
        m_workshop, id, [this](const RunEvent& event) { m_events.push_back(event); }, {}, control, std::move(options));
}

std::filesystem::path KilledRunTest::checkpoint(const std::string& id, int64_t step) {
    return m_workshop.folder().run(id) / "checkpoints" / ("step-" + std::to_string(step));
}

} // namespace lorikeet
