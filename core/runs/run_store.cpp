// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_store.h"

#include <array>
#include <chrono>

#include "core/base/error.h"
#include "core/runs/run_id.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store_state.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kColumns =
    "id, name, model, dataset, method, config, state, steps, total_steps, loss, adapter, "
    "kernels, error_code, error_message, peak, created, started, ended";

UnixMilliseconds now() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

RunState stateFromName(const std::string& name) {
    for (const RunState state : {RunState::Created, RunState::Running, RunState::Finished, RunState::Stopped})
        if (runStateName(state) == name)
            return state;
    return RunState::Failed;
}

std::optional<int64_t> optionalInteger(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getInt64());
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
    if (const SQLite::Column loss = row.getColumn(i++); !loss.isNull())
        record.loss = loss.getDouble();
    if (const SQLite::Column adapter = row.getColumn(i++); !adapter.isNull())
        record.adapter = adapter.getString();
    for (std::string* text : {&record.kernels, &record.errorCode, &record.errorMessage})
        *text = row.getColumn(i++).getString();
    record.peak = namedBytesFromJson(row.getColumn(i++).getString());
    record.created = row.getColumn(i++).getInt64();
    record.started = optionalInteger(row.getColumn(i++));
    record.ended = optionalInteger(row.getColumn(i++));
    return record;
}

/// A stored Running is Interrupted where nobody holds the lock; asked outside of the database's transactions.
void checkAlive(RunRecord& record, const DataFolder& folder) {
    if (record.state == RunState::Running && !RunLock::isHeld(folder.run(record.id)))
        record.state = RunState::Interrupted;
}

} // namespace

RunStore::RunStore(DataFolder folder, Access access) : m_folder(std::move(folder)), m_state(std::make_unique<State>()) {
    m_state->file = m_folder.database();
    m_state->database = access == Access::ReadWrite ? openForWriting(m_state->file) : openForReading(m_state->file);
}

RunStore::~RunStore() = default;

RunRecord RunStore::create(const NewRun& run) {
    const std::string id = newRunId();
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database,
                                 "INSERT INTO runs (id, name, model, dataset, method, config, state, created) "
                                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        int i = 0;
        for (const std::string* text : std::array{&id, &run.name, &run.model, &run.dataset, &run.method, &run.config})
            insert.bind(++i, *text);
        insert.bind(7, std::string(runStateName(RunState::Created)));
        insert.bind(8, now());
        insert.exec();
        // Within the transaction, so that a run without a folder is never recorded.
        std::error_code error;
        fs::create_directories(m_folder.run(id), error);
        if (error)
            fail(ErrorCode::Io, "{}: cannot create the folder: {}", m_folder.run(id).string(), error.message());
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
    auto records = m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, fmt::format("SELECT {} FROM runs ORDER BY number DESC LIMIT ?", kColumns));
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
    m_state->write([&](SQLite::Database& database) {
        const int64_t number = runNumber(database, id);
        SQLite::Statement update(database, "UPDATE runs SET state = ?, kernels = ?, total_steps = ?, started = ?, "
                                           "ended = NULL, error_code = '', error_message = '' WHERE number = ?");
        update.bind(1, std::string(runStateName(RunState::Running)));
        update.bind(2, start.kernels);
        if (start.totalSteps)
            update.bind(3, *start.totalSteps);
        update.bind(4, now());
        update.bind(5, number);
        update.exec();
    });
}

void RunStore::end(std::string_view id, const RunEnd& end) {
    if (end.state != RunState::Finished && end.state != RunState::Stopped && end.state != RunState::Failed)
        fail(ErrorCode::InvalidArgument, "run {}: '{}' is no way to end", id, runStateName(end.state));
    m_state->write([&](SQLite::Database& database) {
        const int64_t number = runNumber(database, id);
        SQLite::Statement update(database, "UPDATE runs SET state = ?, adapter = ?, peak = ?, error_code = ?, "
                                           "error_message = ?, ended = ? WHERE number = ?");
        update.bind(1, std::string(runStateName(end.state)));
        if (end.adapter)
            update.bind(2, *end.adapter);
        update.bind(3, toJson(end.peak));
        update.bind(4, end.errorCode);
        update.bind(5, end.errorMessage);
        update.bind(6, now());
        update.bind(7, number);
        update.exec();
    });
}

void RunStore::rename(std::string_view id, std::string_view name) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t number = runNumber(database, id);
        SQLite::Statement update(database, "UPDATE runs SET name = ? WHERE number = ?");
        update.bind(1, std::string(name));
        update.bind(2, number);
        update.exec();
    });
}

void RunStore::remove(std::string_view id) {
    get(id);
    const fs::path folder = m_folder.run(id);
    std::optional<RunLock> lock;
    if (fs::exists(folder))
        lock.emplace(folder);
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement statement(database, "DELETE FROM runs WHERE number = ?");
        statement.bind(1, runNumber(database, id));
        statement.exec();
    });
    // Last: a folder without a record is litter, a record without its files would be a lie.
    std::error_code error;
    fs::remove_all(folder, error);
    if (error)
        fail(ErrorCode::Io, "{}: the run is deleted, but not its folder: {}", folder.string(), error.message());
}

} // namespace lorikeet
