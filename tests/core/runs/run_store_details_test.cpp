// SPDX-License-Identifier: GPL-3.0-or-later
#include <SQLiteCpp/Database.h>

#include "core/runs/run_lock.h"
#include "tests/core/runs/runs_test.h"

namespace lorikeet {
namespace {

using RunStoreDetails = RunsTest;

TEST_F(RunStoreDetails, KeepsWhatIsKnownAtTheStartAndTheTimeOfEachStep) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    const RunLock lock(m_folder.run(id));
    store.start(id, {.kernels = "avx2",
                     .totalSteps = 10,
                     .estimate = {{"weights", 7}},
                     .trainableParameters = 4096,
                     .rows = 90,
                     .skippedRows = 3});
    store.setPhase(id, "training");
    store.recordStep(id, {.step = 1, .loss = 3.0, .tokens = 50, .seconds = 1.5, .epoch = 0.1, .totalTokens = 50},
                     {{"weights", 8}});
    const RunRecord run = store.get(id);
    EXPECT_EQ(run.estimate, (NamedBytes{{"weights", 7}}));
    EXPECT_EQ(run.trainableParameters, 4096);
    EXPECT_EQ(run.rows, 90);
    EXPECT_EQ(run.skippedRows, 3);
    EXPECT_EQ(run.phase, "training");
    EXPECT_EQ(run.seconds, 1.5);
    EXPECT_EQ(run.steps, 1);
    const StepMetrics step = store.metrics(id).at(0);
    EXPECT_EQ(step.seconds, 1.5);
    EXPECT_EQ(step.epoch, 0.1);
    EXPECT_EQ(step.totalTokens, 50);
    EXPECT_EQ(store.memory(id).at(0).bytes, (NamedBytes{{"weights", 8}}));
    store.end(id, {.state = RunState::Finished, .adapter = {}, .peak = {}, .seconds = 2.25});
    EXPECT_EQ(store.get(id).seconds, 2.25);
    EXPECT_EQ(store.get(id).phase, "");
}

TEST_F(RunStoreDetails, AnInterruptedRunIsInNoPhase) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    store.start(id, {});
    store.setPhase(id, "training");
    EXPECT_EQ(store.get(id).state, RunState::Interrupted);
    EXPECT_EQ(store.get(id).phase, "");
}

TEST_F(RunStoreDetails, ReadsWhatCameAfterAStep) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    for (const int64_t step : {10, 20, 30}) {
        store.recordEvaluation(id, {step, 1.0});
        store.recordSample(id, {step, "p", "t"});
        store.recordCheckpoint(id, {step, "c", 0});
        store.recordWarning(id, {.step = step, .text = "w"});
    }
    EXPECT_EQ(store.evaluations(id, 10).size(), 2u);
    EXPECT_EQ(store.samples(id, 20).size(), 1u);
    EXPECT_EQ(store.checkpoints(id, 30).size(), 0u);
    EXPECT_EQ(store.warnings(id, 10).at(0).step, 20);
    store.rewind(id, 20);
    EXPECT_EQ(store.warnings(id).size(), 2u);
}

TEST_F(RunStoreDetails, KeepsWarningsInTheirOrder) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    store.recordWarning(id, {.step = 5, .text = "first"});
    store.recordWarning(id, {.step = 5, .text = "second", .created = 77});
    const auto warnings = store.warnings(id);
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings[0].text, "first");
    EXPECT_GT(warnings[0].created, 1'600'000'000'000);
    EXPECT_EQ(warnings[1].created, 77);
    EXPECT_EQ(codeOf([&] { store.recordWarning("nope", {}); }), ErrorCode::NotFound);
}

TEST_F(RunStoreDetails, FindsTheBestEvaluation) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    EXPECT_FALSE(store.bestEvaluation(id));
    EXPECT_FALSE(store.get(id).bestEvaluation);
    for (const auto& [step, loss] :
         std::vector<std::pair<int64_t, double>>{{50, 1.5}, {100, 1.25}, {150, std::nan("")}, {200, 1.25}, {250, 1.75}})
        store.recordEvaluation(id, {step, loss});
    EXPECT_EQ(store.bestEvaluation(id)->step, 100);
    EXPECT_EQ(store.bestEvaluation(id)->loss, 1.25);
    EXPECT_EQ(store.list().at(0).bestEvaluation, 1.25);
}

TEST_F(RunStoreDetails, APreviewShowsAShortCurveAsItIs) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    EXPECT_TRUE(store.lossPreview(id).empty());
    store.recordSteps(id, std::vector<StepMetrics>{{1, 3.0}, {2, std::nan("")}, {4, 1.0}});
    EXPECT_EQ(store.lossPreview(id, 64), (std::vector<LossPoint>{{1, 3.0}, {4, 1.0}}));
    EXPECT_EQ(codeOf([&] { store.lossPreview("nope"); }), ErrorCode::NotFound);
}

TEST_F(RunStoreDetails, APreviewThinsALongCurveToMeansOfNeighbours) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    std::vector<StepMetrics> steps;
    for (int64_t step = 1; step <= 1000; ++step)
        steps.push_back({step, 1000.0 - double(step)});
    store.recordSteps(id, steps);
    const auto preview = store.lossPreview(id, 10);
    ASSERT_EQ(preview.size(), 10u);
    for (std::size_t i = 0; i < preview.size(); ++i) {
        EXPECT_EQ(preview[i].step, int64_t(i) * 100 + 1);
        EXPECT_EQ(preview[i].loss, 1000.0 - double(preview[i].step) - 1.5); // the mean of it and the next three
    }
}

TEST_F(RunStoreDetails, PreviewsOfManyLongRunsAreReadFast) {
    RunStore store(m_folder);
    store.create(kAnyRun);
    {
        // By hand, and the rest copied from one run: what is measured is reading.
        SQLite::Database database(m_folder.database().string(), SQLite::OPEN_READWRITE, 10'000);
        database.exec("PRAGMA synchronous = OFF; BEGIN;"
                      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
                      "INSERT INTO runs (number, id, name, model, dataset, method, config, state, created) "
                      "SELECT i, printf('%026d', i), 'run', 'm', 'd', 'lora', '{}', 'finished', i FROM n;"
                      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 10000) "
                      "INSERT INTO metrics (run, step, loss, tokens, trained_tokens) "
                      "SELECT number, i, 2.0, 1, 1 FROM runs CROSS JOIN s; COMMIT");
    }
    const auto runs = store.list();
    ASSERT_EQ(runs.size(), 100u);
    const auto begin = std::chrono::steady_clock::now();
    for (const RunRecord& run : runs)
        EXPECT_EQ(store.lossPreview(run.id).size(), 64u);
    const auto taken = std::chrono::steady_clock::now() - begin;
    const auto milliseconds = int(std::chrono::duration_cast<std::chrono::milliseconds>(taken).count());
    RecordProperty("preview_100_runs_ms", milliseconds);
    EXPECT_LT(milliseconds, 2000);
}

} // namespace
} // namespace lorikeet
