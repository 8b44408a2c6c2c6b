// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/schema.h"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include "core/base/files.h"
#include "core/runs/chat_store.h"
#include "tests/core/runs/runs_test.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

const std::string kOldRun = "01kag0000000000000000000v1";

class SchemaVersions : public RunsTest {
protected:
    SchemaVersions() {
        fs::create_directories(m_folder.root);
        SQLite::Database(m_folder.database().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec(readTextFile(sourceFile("tests/data/runs/version1.sql"), 100'000));
    }
};

TEST_F(SchemaVersions, AVersionOneDatabaseKeepsAllAndLearnsTheNew) {
    {
        RunStore store(m_folder);
        const RunRecord run = store.get(kOldRun);
        EXPECT_EQ(run.name, "first run");
        EXPECT_EQ(run.state, RunState::Finished);
        EXPECT_EQ(run.loss, 1.25);
        EXPECT_EQ(run.adapter, "runs/v1/adapter");
        EXPECT_EQ(run.peak, (NamedBytes{{"weights", 1000}, {"adapters", 20}}));
        EXPECT_EQ(run.bestEvaluation, 1.5);
        EXPECT_EQ(run.ended, 1760000009000);
        EXPECT_TRUE(run.estimate.empty() && run.phase.empty());
        EXPECT_FALSE(run.rows || run.skippedRows || run.trainableParameters || run.seconds || run.isDeleted);
        const auto metrics = store.metrics(kOldRun);
        ASSERT_EQ(metrics.size(), 2u);
        EXPECT_EQ(metrics[0].tokensPerSecond, 50.0);
        EXPECT_TRUE(std::isnan(metrics[0].seconds) && std::isnan(metrics[0].epoch) && std::isnan(metrics[1].gradNorm));
        EXPECT_FALSE(metrics[0].totalTokens);
        EXPECT_EQ(store.memory(kOldRun).size(), 1u);
        EXPECT_EQ(store.samples(kOldRun).at(0).text, "Because.");
        EXPECT_EQ(store.checkpoints(kOldRun).at(0).created, 1760000005000);
        EXPECT_TRUE(store.warnings(kOldRun).empty());
        EXPECT_EQ(store.lossPreview(kOldRun).size(), 2u);

        store.recordStep(kOldRun, {.step = 3, .loss = 1.0, .seconds = 4.5}, {{"weights", 1}});
        store.recordWarning(kOldRun, {.step = 3, .text = "new"});
        ChatStore(m_folder).create({.title = "chat", .sides = {}});
    }
    RunStore again(m_folder, RunStore::Access::ReadOnly);
    EXPECT_EQ(again.metrics(kOldRun).at(2).seconds, 4.5);
    EXPECT_EQ(again.get(kOldRun).seconds, 4.5);
}

TEST_F(SchemaVersions, ReadingAVersionOneDatabaseAsksToOpenItForWritingAndChangesNothing) {
    const std::string before = readTextFile(m_folder.database(), 1'000'000);
    EXPECT_EQ(codeOf([&] { RunStore(m_folder, RunStore::Access::ReadOnly); }), ErrorCode::Io);
    EXPECT_EQ(codeOf([&] { ChatStore(m_folder, StoreAccess::ReadOnly); }), ErrorCode::Io);
    EXPECT_EQ(readTextFile(m_folder.database(), 1'000'000), before);
}

TEST_F(SchemaVersions, AFreshDatabaseHasTheSameTablesAsAMigratedOne) {
    const auto tables = [](const DataFolder& folder) {
        RunStore store(folder);
        SQLite::Database database(folder.database().string(), SQLite::OPEN_READONLY);
        return database.execAndGet("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)")
            .getString();
    };
    EXPECT_EQ(tables(m_folder), tables({m_temporary / "fresh"}));
}

} // namespace
} // namespace lorikeet
