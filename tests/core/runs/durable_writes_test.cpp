// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <atomic>

#include <gmock/gmock.h>
#include <sys/syscall.h>

#include "core/base/files.h"
#include "tests/core/runs/runs_test.h"

namespace {

std::atomic<int> syncedFiles = 0;

} // namespace

// SQLite finds this one before that of the C library.
extern "C" int fdatasync(int descriptor) {
    ++syncedFiles;
    return int(syscall(SYS_fdatasync, descriptor));
}

namespace lorikeet {
namespace {

class DurableWrites : public RunsTest {
protected:
    ~DurableWrites() override { setFileFaultHook({}); }

    /// How often a file of the database was synced meanwhile.
    template <typename Body>
    static int syncsOf(Body&& body) {
        const int before = syncedFiles;
        body();
        return syncedFiles - before;
    }
};

TEST_F(DurableWrites, ARunsMakingStartAndEndAreOnTheDisk) {
    RunStore store(m_folder);
    std::string id;
    EXPECT_GE(syncsOf([&] { id = store.create(kAnyRun).id; }), 1);
    EXPECT_GE(syncsOf([&] { store.start(id, {.kernels = "avx2", .totalSteps = 3}); }), 1);
    EXPECT_GE(syncsOf([&] { store.end(id, {.state = RunState::Paused, .adapter = {}, .peak = {}}); }), 1);
    EXPECT_GE(syncsOf([&] { store.enqueue(id); }), 1);
    EXPECT_GE(syncsOf([&] { store.createQueued(kAnyRun); }), 1);
}

TEST_F(DurableWrites, AStepWaitsForNoDisk) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    store.start(id, {.kernels = "avx2", .totalSteps = 3});
    EXPECT_EQ(syncsOf([&] {
                  for (int64_t step = 1; step <= 20; ++step)
                      store.recordStep(id, {.step = step, .loss = 1.0}, {{"weights", 1}});
              }),
              0);
}

TEST_F(DurableWrites, ARunsFolderIsOnTheDiskWithItsRecord) {
    RunStore store(m_folder);
    std::vector<std::filesystem::path> synced;
    setFileFaultHook([&](FileOperation operation, const std::filesystem::path& path) {
        if (operation == FileOperation::Sync)
            synced.push_back(path);
        return 0;
    });
    store.create(kAnyRun);
    EXPECT_THAT(synced, testing::Contains(m_folder.runs()));
    EXPECT_THAT(synced, testing::Contains(m_folder.root));
    setFileFaultHook([](FileOperation operation, const std::filesystem::path&) {
        return operation == FileOperation::Sync ? EIO : 0;
    });
    EXPECT_EQ(codeOf([&] { store.create(kAnyRun); }), ErrorCode::Io);
    setFileFaultHook({});
    EXPECT_EQ(store.list().size(), 1u);
}

TEST_F(DurableWrites, AResumeKeepsWhenTheRunStartedAndItsDate) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    store.start(id, {.kernels = "avx2", .totalSteps = 3, .moment = 1000});
    const RunRecord first = store.get(id);
    EXPECT_EQ(first.moment, 1000);
    usleep(2000);
    store.start(id, {.kernels = "avx2", .totalSteps = 3, .moment = 2000});
    EXPECT_EQ(store.get(id).started, first.started);
    EXPECT_EQ(store.get(id).moment, 1000);
}

} // namespace
} // namespace lorikeet
