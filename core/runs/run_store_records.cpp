// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/runs/run_store_state.h"

namespace lorikeet {

int64_t runNumber(SQLite::Database& database, std::string_view id) {
    SQLite::Statement query(database, "SELECT number FROM runs WHERE id = ?");
    query.bind(1, std::string(id));
    if (!query.executeStep())
        fail(ErrorCode::NotFound, "there is no run '{}'", id.substr(0, 64));
    return query.getColumn(0).getInt64();
}

std::string toJson(const NamedBytes& bytes) {
    return nlohmann::json(bytes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

NamedBytes namedBytesFromJson(const std::string& text) {
    try {
        return nlohmann::json::parse(text).get<NamedBytes>();
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::BadFile, "the database of runs is damaged: '{}' is no table of bytes", text.substr(0, 64));
    }
}

void bindFinite(SQLite::Statement& statement, int index, double value) {
    if (std::isfinite(value))
        statement.bind(index, value);
    else
        statement.bind(index);
}

double valueOrNan(const SQLite::Column& column) {
    return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

void RunStore::recordSteps(std::string_view id, std::span<const StepMetrics> steps) {
    if (steps.empty())
        return;
    m_state->write([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        SQLite::Statement insert(database, "INSERT OR REPLACE INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        int64_t last = 0;
        double loss = std::numeric_limits<double>::quiet_NaN();
        for (const StepMetrics& step : steps) {
            insert.bind(1, run);
            insert.bind(2, step.step);
            bindFinite(insert, 3, step.loss);
            bindFinite(insert, 4, step.gradNorm);
            bindFinite(insert, 5, step.learningRate);
            insert.bind(6, step.tokens);
            insert.bind(7, step.trainedTokens);
            bindFinite(insert, 8, step.tokensPerSecond);
            insert.exec();
            insert.reset();
            last = std::max(last, step.step);
            loss = std::isfinite(step.loss) ? step.loss : loss;
        }
        SQLite::Statement update(database, "UPDATE runs SET steps = max(steps, ?), loss = coalesce(?, loss) "
                                           "WHERE number = ?");
        update.bind(1, last);
        bindFinite(update, 2, loss);
        update.bind(3, run);
        update.exec();
    });
}

void RunStore::recordMemory(std::string_view id, const StepMemory& memory) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT OR REPLACE INTO memory VALUES (?, ?, ?)");
        insert.bind(1, runNumber(database, id));
        insert.bind(2, memory.step);
        insert.bind(3, toJson(memory.bytes));
        insert.exec();
    });
}

void RunStore::recordEvaluation(std::string_view id, const EvaluationRecord& evaluation) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?)");
        insert.bind(1, runNumber(database, id));
        insert.bind(2, evaluation.step);
        bindFinite(insert, 3, evaluation.loss);
        insert.exec();
    });
}

void RunStore::recordSample(std::string_view id, const SampleRecord& sample) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT INTO samples (run, step, prompt, text) VALUES (?, ?, ?, ?)");
        insert.bind(1, runNumber(database, id));
        insert.bind(2, sample.step);
        insert.bind(3, sample.prompt);
        insert.bind(4, sample.text);
        insert.exec();
    });
}

void RunStore::recordCheckpoint(std::string_view id, const CheckpointRecord& checkpoint) {
    using namespace std::chrono;
    const int64_t now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)");
        insert.bind(1, runNumber(database, id));
        insert.bind(2, checkpoint.step);
        insert.bind(3, checkpoint.path);
        insert.bind(4, checkpoint.created ? checkpoint.created : now);
        insert.exec();
    });
}

void RunStore::forgetCheckpoint(std::string_view id, int64_t step) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement statement(database, "DELETE FROM checkpoints WHERE run = ? AND step = ?");
        statement.bind(1, runNumber(database, id));
        statement.bind(2, step);
        statement.exec();
    });
}

void RunStore::rewind(std::string_view id, int64_t step) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        for (const char* table : {"metrics", "memory", "evaluations", "samples", "checkpoints"}) {
            SQLite::Statement statement(database, fmt::format("DELETE FROM {} WHERE run = ? AND step > ?", table));
            statement.bind(1, run);
            statement.bind(2, step);
            statement.exec();
        }
        SQLite::Statement update(
            database, "UPDATE runs SET steps = min(steps, ?1), loss = (SELECT loss FROM metrics WHERE run = ?2 "
                      "AND loss IS NOT NULL ORDER BY step DESC LIMIT 1) WHERE number = ?2");
        update.bind(1, step);
        update.bind(2, run);
        update.exec();
    });
}

std::vector<StepMetrics> RunStore::metrics(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, "SELECT step, loss, grad_norm, learning_rate, tokens, trained_tokens, "
                                          "tokens_per_second FROM metrics WHERE run = ? AND step > ? ORDER BY step");
        query.bind(1, runNumber(database, id));
        query.bind(2, afterStep);
        std::vector<StepMetrics> all;
        while (query.executeStep())
            all.push_back({query.getColumn(0).getInt64(), valueOrNan(query.getColumn(1)),
                           valueOrNan(query.getColumn(2)), valueOrNan(query.getColumn(3)),
                           query.getColumn(4).getInt64(), query.getColumn(5).getInt64(),
                           valueOrNan(query.getColumn(6))});
        return all;
    });
}

std::vector<StepMemory> RunStore::memory(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, "SELECT step, bytes FROM memory WHERE run = ? AND step > ? ORDER BY step");
        query.bind(1, runNumber(database, id));
        query.bind(2, afterStep);
        std::vector<StepMemory> all;
        while (query.executeStep())
            all.push_back({query.getColumn(0).getInt64(), namedBytesFromJson(query.getColumn(1).getString())});
        return all;
    });
}

std::vector<EvaluationRecord> RunStore::evaluations(std::string_view id) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, "SELECT step, loss FROM evaluations WHERE run = ? ORDER BY step");
        query.bind(1, runNumber(database, id));
        std::vector<EvaluationRecord> all;
        while (query.executeStep())
            all.push_back({query.getColumn(0).getInt64(), valueOrNan(query.getColumn(1))});
        return all;
    });
}

std::vector<SampleRecord> RunStore::samples(std::string_view id) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, "SELECT step, prompt, text FROM samples WHERE run = ? ORDER BY step, number");
        query.bind(1, runNumber(database, id));
        std::vector<SampleRecord> all;
        while (query.executeStep())
            all.push_back(
                {query.getColumn(0).getInt64(), query.getColumn(1).getString(), query.getColumn(2).getString()});
        return all;
    });
}

std::vector<CheckpointRecord> RunStore::checkpoints(std::string_view id) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, "SELECT step, path, created FROM checkpoints WHERE run = ? ORDER BY step");
        query.bind(1, runNumber(database, id));
        std::vector<CheckpointRecord> all;
        while (query.executeStep())
            all.push_back(
                {query.getColumn(0).getInt64(), query.getColumn(1).getString(), query.getColumn(2).getInt64()});
        return all;
    });
}

} // namespace lorikeet
