// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/runs/run_store_state.h"

namespace lorikeet {

namespace {

void setPlace(SQLite::Database& database, int64_t run, int64_t place) {
    SQLite::Statement update(database, "UPDATE runs SET queued = ? WHERE number = ?");
    update.bind(1, place);
    update.bind(2, run);
    update.exec();
}

/// The row numbers of the queued runs, in order.
std::vector<int64_t> queuedRuns(SQLite::Database& database) {
    SQLite::Statement query(database, "SELECT number FROM runs WHERE state = 'queued' AND deleted IS NULL "
                                      "ORDER BY queued");
    std::vector<int64_t> runs;
    while (query.executeStep())
        runs.push_back(query.getColumn(0).getInt64());
    return runs;
}

/// A run that is queued becomes again what it was before; false where it is not.
bool takeOutOfQueue(SQLite::Database& database, int64_t run) {
    SQLite::Statement update(database, "UPDATE runs SET queued = NULL, state_before = NULL, state = coalesce("
                                       "state_before, CASE WHEN started IS NULL THEN ? ELSE ? END) "
                                       "WHERE number = ? AND state = 'queued'");
    update.bind(1, std::string(runStateName(RunState::Created)));
    update.bind(2, std::string(runStateName(RunState::Paused)));
    update.bind(3, run);
    return update.exec() > 0;
}

} // namespace

void putLastInQueue(SQLite::Database& database, int64_t run) {
    SQLite::Statement update(database, "UPDATE runs SET state = 'queued', deleted = NULL, queued = (SELECT "
                                       "coalesce(max(queued), 0) + 1 FROM runs WHERE state = 'queued'), "
                                       "state_before = CASE state WHEN 'queued' THEN state_before ELSE state END "
                                       "WHERE number = ?");
    update.bind(1, run);
    update.exec();
}

RunRecord RunStore::createQueued(const NewRun& run) {
    return create(run, RunState::Queued);
}

void RunStore::enqueue(std::string_view id) {
    // Held from before its state is asked for, so that nobody begins to run it meanwhile.
    const RunLock lock(m_folder.run(get(id).id));
    if (get(id).state == RunState::Finished)
        fail(ErrorCode::InvalidArgument, "run {}: it is finished, and cannot be queued", id);
    m_state->writeDurably([&](SQLite::Database& database) { putLastInQueue(database, runNumber(database, id)); });
}

void RunStore::dequeue(std::string_view id) {
    m_state->write([&](SQLite::Database& database) { takeOutOfQueue(database, runNumber(database, id)); });
}

void RunStore::dropFromQueue(std::string_view id, std::string_view errorCode, std::string_view errorMessage) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        if (!takeOutOfQueue(database, run))
            return;
        SQLite::Statement update(database, "UPDATE runs SET error_code = ?, error_message = ? WHERE number = ?");
        update.bind(1, std::string(errorCode));
        update.bind(2, std::string(errorMessage));
        update.bind(3, run);
        update.exec();
    });
}

void RunStore::moveInQueue(std::string_view id, int64_t position) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        std::vector<int64_t> runs = queuedRuns(database);
        const auto found = std::find(runs.begin(), runs.end(), run);
        if (found == runs.end())
            fail(ErrorCode::InvalidArgument, "run {}: it is not queued", id);
        runs.erase(found);
        runs.insert(runs.begin() + std::clamp<int64_t>(position, 0, int64_t(runs.size())), run);
        for (std::size_t i = 0; i < runs.size(); ++i)
            setPlace(database, runs[i], int64_t(i) + 1);
    });
}

std::optional<TakenRun> RunStore::takeFirst() {
    for (const RunRecord& run : queue()) {
        try {
            std::optional<RunLock> lock = RunLock::tryTake(m_folder.run(run.id));
            if (!lock)
                continue;
            // Somebody else may have run it, or taken it out, since the queue was read.
            const RunRecord now = get(run.id);
            if (now.state == RunState::Queued && !now.isDeleted)
                return TakenRun{run.id, std::move(*lock)};
        } catch (const Error& error) {
            // One that has been removed meanwhile, or has lost its folder, must not keep the others waiting.
            if (error.code() != ErrorCode::NotFound && error.code() != ErrorCode::Io)
                throw;
            logWarning("run {} cannot be taken from the queue: {}", run.id, error.message());
        }
    }
    return std::nullopt;
}

} // namespace lorikeet
