// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/live_run.h"

#include "core/base/error.h"
#include "core/jobs/run_recorder.h"
#include "core/runs/run_store.h"
#include "core/train/run_config.h"
#include "core/train/run_events.h"

namespace lorikeet {
namespace {

RunState stateOf(RunOutcome outcome) {
    switch (outcome) {
    case RunOutcome::Finished:
        return RunState::Finished;
    case RunOutcome::Stopped:
        return RunState::Stopped;
    case RunOutcome::Paused:
        return RunState::Paused;
    case RunOutcome::Failed:
        break;
    }
    return RunState::Failed;
}

void recordEnd(RunStore& store, const std::string& id, const EndEvent& end) {
    RunEnd record{.state = stateOf(end.outcome), .adapter = std::nullopt, .peak = namedBytes(end.peak)};
    if (end.seconds > 0.0)
        record.seconds = end.seconds;
    if (const auto& result = end.adapter ? end.adapter : end.model)
        record.adapter = result->string();
    if (end.outcome == RunOutcome::Failed || end.outcome == RunOutcome::Paused) {
        record.errorCode = end.errorCode;
        record.errorMessage = end.reason;
    }
    store.end(id, record);
}

RunLock lockNew(RunStore& store, const std::string& id) {
    try {
        return RunLock(store.folder().run(id));
    } catch (const Error& error) {
        recordEnd(store, id,
                  {.run = id,
                   .outcome = RunOutcome::Failed,
                   .reason = error.message(),
                   .errorCode = std::string(errorCodeName(error.code()))});
        throw;
    }
}

} // namespace

NewRun newRun(const RunConfig& config) {
    return {.name = config.name,
            .model = config.model,
            .dataset = config.data.train,
            .method = std::string(methodName(config.method)),
            .config = serialiseRunConfig(config)};
}

LiveRun::LiveRun(RunStore& store, const RunConfig& config)
    : m_store(store), m_id(store.create(newRun(config)).id), m_folder(store.folder().run(m_id)),
      m_lock(lockNew(store, m_id)) {}

LiveRun::LiveRun(RunStore& store, std::string id, RunLock lock)
    : m_store(store), m_id(std::move(id)), m_folder(store.folder().run(m_id)), m_lock(std::move(lock)) {}

void LiveRun::start(const RunStart& start) {
    m_store.start(m_id, start);
    m_hasStarted = true;
}

void LiveRun::end(const EndEvent& end) {
    recordEnd(m_store, m_id, end);
}

} // namespace lorikeet
