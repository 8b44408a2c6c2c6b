// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/runs/run_store_state.h"

namespace lorikeet {

namespace {

// Steps that one point of a preview is the mean of: enough to calm the curve, few enough to be read for 500 runs.
constexpr int64_t kStepsPerPoint = 4;

/// Each row of `columns` from `table` after a step, in order, as `make` sees it.
template <typename Make>
auto recordsAfter(SQLite::Database& database, std::string_view id, int64_t step, const char* columns, const char* table,
                  const char* order, Make&& make) {
    SQLite::Statement query(
        database, fmt::format("SELECT {} FROM {} WHERE run = ? AND step > ? ORDER BY {}", columns, table, order));
    query.bind(1, runNumber(database, id));
    query.bind(2, step);
    std::vector<decltype(make(query))> all;
    while (query.executeStep())
        all.push_back(make(query));
    return all;
}

} // namespace

std::vector<StepMetrics> RunStore::metrics(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        return recordsAfter(database, id, afterStep,
                            "step, loss, grad_norm, learning_rate, tokens, trained_tokens, tokens_per_second, seconds, "
                            "epoch, total_tokens, seconds_left",
                            "metrics", "step", [](const SQLite::Statement& row) {
                                return StepMetrics{.step = row.getColumn(0).getInt64(),
                                                   .loss = valueOrNan(row.getColumn(1)),
                                                   .gradNorm = valueOrNan(row.getColumn(2)),
                                                   .learningRate = valueOrNan(row.getColumn(3)),
                                                   .tokens = row.getColumn(4).getInt64(),
                                                   .trainedTokens = row.getColumn(5).getInt64(),
                                                   .tokensPerSecond = valueOrNan(row.getColumn(6)),
                                                   .seconds = valueOrNan(row.getColumn(7)),
                                                   .epoch = valueOrNan(row.getColumn(8)),
                                                   .totalTokens = optionalInteger(row.getColumn(9)),
                                                   .secondsLeft = valueOrNan(row.getColumn(10))};
                            });
    });
}

std::vector<StepMemory> RunStore::memory(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        return recordsAfter(database, id, afterStep, "step, bytes", "memory", "step", [](const SQLite::Statement& row) {
            return StepMemory{row.getColumn(0).getInt64(), namedBytesFromJson(row.getColumn(1).getString())};
        });
    });
}

std::vector<EvaluationRecord> RunStore::evaluations(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        return recordsAfter(database, id, afterStep, "step, loss", "evaluations", "step",
                            [](const SQLite::Statement& row) {
                                return EvaluationRecord{row.getColumn(0).getInt64(), valueOrNan(row.getColumn(1))};
                            });
    });
}

std::vector<SampleRecord> RunStore::samples(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        return recordsAfter(database, id, afterStep, "step, prompt, text", "samples", "step, number",
                            [](const SQLite::Statement& row) {
                                return SampleRecord{row.getColumn(0).getInt64(), row.getColumn(1).getString(),
                                                    row.getColumn(2).getString()};
                            });
    });
}

std::vector<WarningRecord> RunStore::warnings(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        return recordsAfter(database, id, afterStep, "step, text, created", "warnings", "step, number",
                            [](const SQLite::Statement& row) {
                                return WarningRecord{row.getColumn(0).getInt64(), row.getColumn(1).getString(),
                                                     row.getColumn(2).getInt64()};
                            });
    });
}

std::vector<CheckpointRecord> RunStore::checkpoints(std::string_view id, int64_t afterStep) const {
    return m_state->read([&](SQLite::Database& database) {
        const char* columns =
            "step, path, created, (SELECT loss FROM evaluations WHERE run = checkpoints.run AND step = "
            "checkpoints.step), step = (SELECT step FROM evaluations WHERE run = checkpoints.run AND "
            "loss IS NOT NULL AND step IN (SELECT step FROM checkpoints AS kept WHERE kept.run = "
            "checkpoints.run) ORDER BY loss, step LIMIT 1)";
        return recordsAfter(database, id, afterStep, columns, "checkpoints", "step", [](const SQLite::Statement& row) {
            return CheckpointRecord{row.getColumn(0).getInt64(), row.getColumn(1).getString(),
                                    row.getColumn(2).getInt64(), optionalReal(row.getColumn(3)),
                                    row.getColumn(4).getInt() != 0};
        });
    });
}

std::optional<EvaluationRecord> RunStore::bestEvaluation(std::string_view id) const {
    return m_state->read([&](SQLite::Database& database) -> std::optional<EvaluationRecord> {
        SQLite::Statement query(database, "SELECT step, loss FROM evaluations WHERE run = ? AND loss IS NOT NULL "
                                          "ORDER BY loss, step LIMIT 1");
        query.bind(1, runNumber(database, id));
        if (!query.executeStep())
            return std::nullopt;
        return EvaluationRecord{query.getColumn(0).getInt64(), query.getColumn(1).getDouble()};
    });
}

std::vector<LossPoint> RunStore::lossPreview(std::string_view id, int64_t points) const {
    return m_state->readAtOnce([&](SQLite::Database& database) {
        const int64_t run = runNumber(database, id);
        SQLite::Statement range(database, "SELECT (SELECT min(step) FROM metrics WHERE run = ?1), "
                                          "(SELECT max(step) FROM metrics WHERE run = ?1)");
        range.bind(1, run);
        range.executeStep();
        std::vector<LossPoint> preview;
        if (range.getColumn(0).isNull() || points < 1)
            return preview;
        const int64_t first = range.getColumn(0).getInt64(), steps = range.getColumn(1).getInt64() - first + 1;
        points = std::min(points, steps);
        SQLite::Statement query(database, "SELECT step, loss FROM metrics WHERE run = ? AND step >= ? AND step < ? AND "
                                          "loss IS NOT NULL ORDER BY step LIMIT ?");
        query.bind(1, run);
        query.bind(4, kStepsPerPoint);
        for (int64_t i = 0; i < points; ++i) {
            query.reset();
            query.bind(2, first + steps * i / points);
            query.bind(3, first + steps * (i + 1) / points);
            LossPoint point;
            double sum = 0.0;
            int64_t count = 0;
            for (; query.executeStep(); ++count) {
                point.step = count == 0 ? query.getColumn(0).getInt64() : point.step;
                sum += query.getColumn(1).getDouble();
            }
            if (count > 0)
                preview.push_back({point.step, sum / double(count)});
        }
        return preview;
    });
}

} // namespace lorikeet
