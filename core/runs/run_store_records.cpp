// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

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

namespace {

void insertSteps(SQLite::Database& database, int64_t run, std::span<const StepMetrics> steps) {
    SQLite::Statement insert(database,
                             "INSERT OR REPLACE INTO metrics (run, step, loss, grad_norm, learning_rate, tokens, "
                             "trained_tokens, tokens_per_second, seconds, epoch, total_tokens, seconds_left) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int64_t last = 0;
    double loss = std::numeric_limits<double>::quiet_NaN(), seconds = loss;
    for (const StepMetrics& step : steps) {
        insert.bind(1, run);
        insert.bind(2, step.step);
        bindFinite(insert, 3, step.loss);
        bindFinite(insert, 4, step.gradNorm);
        bindFinite(insert, 5, step.learningRate);
        insert.bind(6, step.tokens);
        insert.bind(7, step.trainedTokens);
        bindFinite(insert, 8, step.tokensPerSecond);
        bindFinite(insert, 9, step.seconds);
        bindFinite(insert, 10, step.epoch);
        bindOptional(insert, 11, step.totalTokens);
        bindFinite(insert, 12, step.secondsLeft);
        insert.exec();
        insert.reset();
        last = std::max(last, step.step);
        loss = std::isfinite(step.loss) ? step.loss : loss;
        seconds = std::isfinite(step.seconds) ? step.seconds : seconds;
    }
    SQLite::Statement update(database, "UPDATE runs SET steps = max(steps, ?), loss = coalesce(?, loss), "
                                       "seconds = coalesce(?, seconds) WHERE number = ?");
    update.bind(1, last);
    bindFinite(update, 2, loss);
    bindFinite(update, 3, seconds);
    update.bind(4, run);
    update.exec();
}

void insertMemory(SQLite::Database& database, int64_t run, int64_t step, const NamedBytes& bytes) {
    SQLite::Statement insert(database, "INSERT OR REPLACE INTO memory VALUES (?, ?, ?)");
    insert.bind(1, run);
    insert.bind(2, step);
    insert.bind(3, toJson(bytes));
    insert.exec();
}

void insertEvaluation(SQLite::Database& database, int64_t run, const EvaluationRecord& evaluation) {
    SQLite::Statement insert(database, "INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?)");
    insert.bind(1, run);
    insert.bind(2, evaluation.step);
    bindFinite(insert, 3, evaluation.loss);
    insert.exec();
}

void insertSample(SQLite::Database& database, int64_t run, const SampleRecord& sample) {
    SQLite::Statement insert(database, "INSERT INTO samples (run, step, prompt, text) VALUES (?, ?, ?, ?)");
    insert.bind(1, run);
    insert.bind(2, sample.step);
    insert.bind(3, sample.prompt);
    insert.bind(4, sample.text);
    insert.exec();
}

/// The steps of which a table of the run has something.
std::set<int64_t> stepsIn(SQLite::Database& database, const char* table, int64_t run) {
    SQLite::Statement query(database, fmt::format("SELECT DISTINCT step FROM {} WHERE run = ?", table));
    query.bind(1, run);
    std::set<int64_t> steps;
    while (query.executeStep())
        steps.insert(query.getColumn(0).getInt64());
    return steps;
}

void deleteFrom(SQLite::Database& database, const char* table, int64_t run, int64_t firstStep) {
    SQLite::Statement statement(database, fmt::format("DELETE FROM {} WHERE run = ? AND step >= ?", table));
    statement.bind(1, run);
    statement.bind(2, firstStep);
    statement.exec();
}

void deleteBeyond(SQLite::Database& database, int64_t run, int64_t step) {
    for (const char* table : {"metrics", "memory", "evaluations", "samples", "warnings", "checkpoints"})
        deleteFrom(database, table, run, step + 1);
}

/// Makes the run's last step, loss and time those of what is recorded.
void summariseSteps(SQLite::Database& database, int64_t run, int64_t step) {
    SQLite::Statement update(
        database,
        "UPDATE runs SET steps = min(max(steps, coalesce((SELECT max(step) FROM metrics WHERE run = ?2), 0)), "
        "?1), loss = (SELECT loss FROM metrics WHERE run = ?2 AND loss IS NOT NULL ORDER BY step DESC LIMIT "
        "1), seconds = (SELECT seconds FROM metrics WHERE run = ?2 ORDER BY step DESC LIMIT 1) WHERE number = "
        "?2");
    update.bind(1, step);
    update.bind(2, run);
    update.exec();
}

} // namespace

void RunStore::recordSteps(std::string_view id, std::span<const StepMetrics> steps) {
    if (steps.empty())
        return;
    m_state->write([&](SQLite::Database& database) { insertSteps(database, runNumber(database, id), steps); });
}

void RunStore::recordMemory(std::string_view id, const StepMemory& memory) {
    m_state->write([&](SQLite::Database& database) {
        insertMemory(database, runNumber(database, id), memory.step, memory.bytes);
    });
}

void RunStore::recordStep(std::string_view id, const StepMetrics& step, const NamedBytes& memory) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        insertSteps(database, run, std::span(&step, 1));
        insertMemory(database, run, step.step, memory);
    });
}

void RunStore::recordWarning(std::string_view id, const WarningRecord& warning) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT INTO warnings (run, step, text, created) VALUES (?, ?, ?, ?)");
        insert.bind(1, runNumber(database, id));
        insert.bind(2, warning.step);
        insert.bind(3, warning.text);
        insert.bind(4, warning.created ? warning.created : millisecondsNow());
        insert.exec();
    });
}

void RunStore::recordEvaluation(std::string_view id, const EvaluationRecord& evaluation) {
    m_state->write(
        [&](SQLite::Database& database) { insertEvaluation(database, runNumber(database, id), evaluation); });
}

void RunStore::recordSample(std::string_view id, const SampleRecord& sample) {
    m_state->write([&](SQLite::Database& database) { insertSample(database, runNumber(database, id), sample); });
}

void RunStore::recordCheckpoint(std::string_view id, const CheckpointRecord& checkpoint) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)");
        insert.bind(1, runNumber(database, id));
        insert.bind(2, checkpoint.step);
        insert.bind(3, checkpoint.path);
        insert.bind(4, checkpoint.created ? checkpoint.created : millisecondsNow());
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
        deleteBeyond(database, run, step);
        summariseSteps(database, run, step);
    });
}

void RunStore::rewind(std::string_view id, int64_t step, const RunHistory& history) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        deleteBeyond(database, run, step);
        deleteFrom(database, "evaluations", run, step);
        deleteFrom(database, "samples", run, step);
        const std::set<int64_t> metrics = stepsIn(database, "metrics", run), memory = stepsIn(database, "memory", run),
                                evaluations = stepsIn(database, "evaluations", run),
                                samples = stepsIn(database, "samples", run);
        std::vector<StepMetrics> lost;
        for (const StepMetrics& one : history.metrics)
            if (!metrics.contains(one.step))
                lost.push_back(one);
        if (!lost.empty())
            insertSteps(database, run, lost);
        for (const StepMemory& one : history.memory)
            if (!memory.contains(one.step))
                insertMemory(database, run, one.step, one.bytes);
        for (const EvaluationRecord& one : history.evaluations)
            if (!evaluations.contains(one.step))
                insertEvaluation(database, run, one);
        for (const SampleRecord& one : history.samples)
            if (!samples.contains(one.step))
                insertSample(database, run, one);
        summariseSteps(database, run, step);
    });
}

} // namespace lorikeet
