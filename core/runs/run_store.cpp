// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_store.h"

#include <array>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/runs/run_id.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store_state.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kColumns =
    "id, name, model, dataset, method, config, state, steps, total_steps, loss, adapter, kernels, error_code, "
    "error_message, phase, estimate, peak, trainable_parameters, rows, skipped_rows, seconds, "
    "(SELECT min(loss) FROM evaluations WHERE run = runs.number), deleted, created, started, ended, moment";

RunState stateFromName(const std::string& name) {
    for (const RunState state : {RunState::Created, RunState::Queued, RunState::Running, RunState::Paused,
                                 RunState::Finished, RunState::Stopped})
        if (runStateName(state) == name)
            return state;
    return RunState::Failed;
}

/// The columns of kColumns, in their order.
RunRecord readRecord(const SQLite::Statement& row) {
    RunRecord record;
    int i = 0;
    for (std::string* text : {&record.id, &record.name, &record.model, &record.dataset, &record.method, &record.config})
        *text = row.getColumn(i++).getString();
    record.state = stateFromName(row.getColumn(i++).getString());
    record.steps = row.getColumn(i++).getInt64();
    record.totalSteps = optionalInteger(row.getColumn(i++));
    record.loss = optionalReal(row.getColumn(i++));
    record.adapter = optionalText(row.getColumn(i++));
    for (std::string* text : {&record.kernels, &record.errorCode, &record.errorMessage, &record.phase})
        *text = row.getColumn(i++).getString();
    record.estimate = namedBytesFromJson(row.getColumn(i++).getString());
    record.peak = namedBytesFromJson(row.getColumn(i++).getString());
    record.trainableParameters = optionalInteger(row.getColumn(i++));
    record.rows = optionalInteger(row.getColumn(i++));
    record.skippedRows = optionalInteger(row.getColumn(i++));
    record.seconds = optionalReal(row.getColumn(i++));
    record.bestEvaluation = optionalReal(row.getColumn(i++));
    record.isDeleted = !row.getColumn(i++).isNull();
    record.created = row.getColumn(i++).getInt64();
    record.started = optionalInteger(row.getColumn(i++));
    record.ended = optionalInteger(row.getColumn(i++));
    record.moment = optionalInteger(row.getColumn(i++));
    return record;
}

/// A stored Running is Interrupted where nobody holds the lock; asked outside of the database's transactions.
void checkAlive(RunRecord& record, const DataFolder& folder) {
    if (record.state != RunState::Running || RunLock::isHeld(folder.run(record.id)))
        return;
    record.state = RunState::Interrupted;
    record.phase.clear();
}

void requireQueued(SQLite::Database& database, std::string_view id) {
    SQLite::Statement query(database, "SELECT state FROM runs WHERE id = ?");
    query.bind(1, std::string(id));
    if (query.executeStep() && query.getColumn(0).getString() != runStateName(RunState::Queued))
        fail(ErrorCode::Cancelled, "run {}: it was taken out of the queue before it began", id);
}

void setText(SQLite::Database& database, std::string_view id, const char* column, std::string_view text) {
    const int64_t number = runNumber(database, id);
    SQLite::Statement update(database, fmt::format("UPDATE runs SET {} = ? WHERE number = ?", column));
    update.bind(1, std::string(text));
    update.bind(2, number);
    update.exec();
}

} // namespace

RunStore::RunStore(DataFolder folder, Access access)
    : m_folder(std::move(folder)), m_state(std::make_unique<State>(m_folder.database(), access)) {}

RunStore::~RunStore() = default;

int64_t RunStore::changeCount() const {
    return m_state->changeCount();
}

RunRecord RunStore::create(const NewRun& run) {
    return create(run, RunState::Created);
}

RunRecord RunStore::create(const NewRun& run, RunState state) {
    const std::string id = newRunId();
    m_state->writeDurably([&](SQLite::Database& database) {
        SQLite::Statement insert(database,
                                 "INSERT INTO runs (id, name, model, dataset, method, config, state, created) "
                                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        int i = 0;
        for (const std::string* text : std::array{&id, &run.name, &run.model, &run.dataset, &run.method, &run.config})
            insert.bind(++i, *text);
        insert.bind(7, std::string(runStateName(state)));
        insert.bind(8, millisecondsNow());
        insert.exec();
        if (state == RunState::Queued)
            putLastInQueue(database, runNumber(database, id));
        // Within the transaction, so that a run without a folder is never recorded.
        std::error_code error;
        fs::create_directories(m_folder.run(id), error);
        if (error)
            fail(ErrorCode::Io, "{}: cannot create the folder: {}", m_folder.run(id).string(), error.message());
        syncFolder(m_folder.run(id).parent_path());
        syncFolder(m_folder.root);
    });
    return get(id);
}

RunRecord RunStore::get(std::string_view id) const {
    RunRecord record = m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, fmt::format("SELECT {} FROM runs WHERE id = ?", kColumns));
        query.bind(1, std::string(id));
        if (!query.executeStep())
            fail(ErrorCode::NotFound, "there is no run '{}'", id.substr(0, 64));
        return readRecord(query);
    });
    checkAlive(record, m_folder);
    return record;
}

std::vector<RunRecord> RunStore::list(int64_t limit) const {
    return records("deleted IS NULL ORDER BY number DESC", limit);
}

std::vector<RunRecord> RunStore::queue() const {
    return records("deleted IS NULL AND state = 'queued' ORDER BY queued", std::numeric_limits<int64_t>::max());
}

std::vector<RunRecord> RunStore::records(std::string_view which, int64_t limit) const {
    auto records = m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, fmt::format("SELECT {} FROM runs WHERE {} LIMIT ?", kColumns, which));
        query.bind(1, limit);
        std::vector<RunRecord> all;
        while (query.executeStep())
            all.push_back(readRecord(query));
        return all;
    });
    for (RunRecord& record : records)
        checkAlive(record, m_folder);
    return records;
}

void RunStore::start(std::string_view id, const RunStart& start) {
    m_state->writeDurably([&](SQLite::Database& database) {
        const int64_t number = runNumber(database, id);
        if (start.isFromQueue)
            requireQueued(database, id);
        SQLite::Statement update(database,
                                 "UPDATE runs SET state = ?, kernels = ?, total_steps = ?, "
                                 "started = coalesce(started, ?), estimate = ?, trainable_parameters = ?, "
                                 "rows = ?, skipped_rows = ?, moment = coalesce(moment, ?), ended = NULL, "
                                 "adapter = NULL, deleted = NULL, queued = NULL, phase = '', error_code = '', "
                                 "error_message = '' WHERE number = ?");
        update.bind(1, std::string(runStateName(RunState::Running)));
        update.bind(2, start.kernels);
        bindOptional(update, 3, start.totalSteps);
        update.bind(4, millisecondsNow());
        update.bind(5, toJson(start.estimate));
        bindOptional(update, 6, start.trainableParameters);
        bindOptional(update, 7, start.rows);
        bindOptional(update, 8, start.skippedRows);
        bindOptional(update, 9, start.moment);
        update.bind(10, number);
        update.exec();
    });
}

void RunStore::end(std::string_view id, const RunEnd& end) {
    if (end.state != RunState::Finished && end.state != RunState::Stopped && end.state != RunState::Paused &&
        end.state != RunState::Failed)
        fail(ErrorCode::InvalidArgument, "run {}: '{}' is no way to end", id, runStateName(end.state));
    m_state->writeDurably([&](SQLite::Database& database) {
        const int64_t number = runNumber(database, id);
        SQLite::Statement update(database,
                                 "UPDATE runs SET state = ?, phase = '', adapter = ?, peak = ?, error_code = ?, "
                                 "error_message = ?, ended = ?, seconds = coalesce(?, seconds) WHERE number = ?");
        update.bind(1, std::string(runStateName(end.state)));
        bindOptional(update, 2, end.adapter);
        update.bind(3, toJson(end.peak));
        update.bind(4, end.errorCode);
        update.bind(5, end.errorMessage);
        update.bind(6, millisecondsNow());
        bindFinite(update, 7, end.seconds.value_or(std::numeric_limits<double>::quiet_NaN()));
        update.bind(8, number);
        update.exec();
    });
}

void RunStore::setPhase(std::string_view id, std::string_view phase) {
    m_state->write([&](SQLite::Database& database) { setText(database, id, "phase", phase); });
}

void RunStore::rename(std::string_view id, std::string_view name) {
    m_state->write([&](SQLite::Database& database) { setText(database, id, "name", name); });
}

} // namespace lorikeet
