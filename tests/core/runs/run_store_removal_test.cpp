// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "core/runs/run_lock.h"
#include "tests/core/runs/runs_test.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

using RunStoreRemoval = RunsTest;

TEST_F(RunStoreRemoval, AHiddenRunIsNotListedAndComesBackWhole) {
    RunStore store(m_folder);
    const std::string kept = store.create(kAnyRun).id, id = store.create(kAnyRun).id;
    store.recordStep(id, {.step = 1, .loss = 2.0}, {});
    store.setDeleted(id, true);
    ASSERT_EQ(store.list().size(), 1u);
    EXPECT_EQ(store.list()[0].id, kept);
    EXPECT_EQ(store.list(1)[0].id, kept) << "a hidden run takes no place of a limit";
    EXPECT_TRUE(store.get(id).isDeleted);
    store.setDeleted(id, false);
    EXPECT_EQ(store.list().size(), 2u);
    EXPECT_FALSE(store.get(id).isDeleted);
    EXPECT_EQ(store.metrics(id).size(), 1u);
    EXPECT_TRUE(fs::exists(m_folder.run(id)));
    EXPECT_EQ(store.purgeDeleted(), 0);
}

TEST_F(RunStoreRemoval, APurgeRemovesWhatIsHiddenLongEnough) {
    RunStore store(m_folder);
    const std::string kept = store.create(kAnyRun).id, id = store.create(kAnyRun).id;
    std::ofstream(m_folder.run(id) / "adapter") << "bytes";
    store.setDeleted(id, true);
    EXPECT_EQ(store.purgeDeleted(std::chrono::hours(1)), 0);
    EXPECT_TRUE(fs::exists(m_folder.run(id) / "adapter"));
    EXPECT_EQ(store.purgeDeleted(), 1);
    EXPECT_FALSE(fs::exists(m_folder.run(id)));
    EXPECT_EQ(codeOf([&] { store.get(id); }), ErrorCode::NotFound);
    EXPECT_TRUE(fs::exists(m_folder.run(kept)));
}

TEST_F(RunStoreRemoval, ALiveRunIsNeitherHiddenNorPurged) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    {
        const RunLock lock(m_folder.run(id));
        EXPECT_EQ(codeOf([&] { store.setDeleted(id, true); }), ErrorCode::Busy);
    }
    EXPECT_EQ(store.list().size(), 1u);
    store.setDeleted(id, true);
    const RunLock lock(m_folder.run(id));
    EXPECT_EQ(store.purgeDeleted(), 0);
    EXPECT_TRUE(fs::exists(m_folder.run(id)));
    store.start(id, {"portable", 10});
    EXPECT_EQ(store.list().size(), 1u) << "a run that starts shows again";
}

TEST_F(RunStoreRemoval, ARemovalThatWasInterruptedIsFinishedByTheNextPurge) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    store.setDeleted(id, true);
    fs::remove_all(m_folder.run(id)); // as a process leaves it that dies within remove()
    EXPECT_TRUE(store.list().empty());
    EXPECT_EQ(RunStore(m_folder).purgeDeleted(), 1);
    EXPECT_EQ(codeOf([&] { store.get(id); }), ErrorCode::NotFound);
}

TEST_F(RunStoreRemoval, AFolderThatCannotBeDeletedHidesTheRunUntilItCan) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    { const RunLock lock(m_folder.run(id)); }
    for (const fs::path& file : {m_folder.database(), fs::path(m_folder.database().string() + "-wal"),
                                 fs::path(m_folder.database().string() + "-shm"), m_folder.run(id) / "lock"})
        fs::permissions(file, fs::perms(0666));
    fs::permissions(m_temporary.path(), fs::perms(0755));
    fs::permissions(m_folder.root, fs::perms(0777));
    fs::permissions(m_folder.run(id), fs::perms(0555));
    EXPECT_TRUE(endsWell(startProcess([&] {
        // Permissions do not hold for root: be nobody.
        if (geteuid() == 0 && setuid(65534) != 0)
            return false;
        RunStore nobody(m_folder);
        const bool refused = codeOf([&] { nobody.remove(id); }) == ErrorCode::Io;
        return refused && nobody.list().empty() && nobody.purgeDeleted() == 0 && nobody.get(id).isDeleted;
    })));
    fs::permissions(m_folder.run(id), fs::perms(0755));
    EXPECT_EQ(store.purgeDeleted(), 1);
}

} // namespace
} // namespace lorikeet
