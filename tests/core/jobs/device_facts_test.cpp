// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/device_facts.h"

#include <fstream>

#include "core/base/system_memory.h"
#include "tests/core/jobs/jobs_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

class DeviceFactsTest : public JobsTest {
protected:
    void write(const fs::path& path, std::size_t bytes) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << std::string(bytes, 'x');
    }
};

TEST_F(DeviceFactsTest, TellsWhatTheSystemHas) {
    const DeviceFacts facts = deviceFacts(m_workshop);
    EXPECT_EQ(facts.device, "cpu");
    EXPECT_FALSE(facts.kernels.empty());
    EXPECT_GE(facts.cores, 1);
    EXPECT_GT(facts.memory, int64_t(64) << 20);
    EXPECT_GT(facts.memoryUsed, 0);
    EXPECT_GT(facts.memoryFree, 0);
    EXPECT_LE(facts.memoryUsed + facts.memoryOthers, facts.memory);
    EXPECT_TRUE(facts.diskFree);
    EXPECT_FALSE(fs::exists(m_workshop.folder().root)); // looking makes nothing
}

TEST_F(DeviceFactsTest, OwnMemoryIsNotThatOfOtherPrograms) {
    const SystemMemory before = systemMemory();
    const std::string block(std::size_t(96) << 20, '1');
    const SystemMemory after = systemMemory();
    EXPECT_GT(after.own - before.own, int64_t(80) << 20);
    EXPECT_LT(after.usable(), after.total);
    EXPECT_EQ(block.back(), '1');
}

TEST_F(DeviceFactsTest, AddsUpTheDataFolder) {
    const DataFolder& folder = m_workshop.folder();
    EXPECT_EQ(dataFolderUse(folder), DataFolderUse());
    write(folder.models() / "one" / "model.gguf", 1000);
    write(folder.runs() / "id" / "checkpoints" / "step-2" / "adapter_model.safetensors", 300);
    write(folder.datasets() / "rows" / "rows.jsonl", 70);
    write(folder.database(), 5);
    fs::create_symlink(folder.models() / "one", folder.runs() / "link");
    EXPECT_EQ(dataFolderUse(folder), (DataFolderUse{.models = 1000, .runs = 300, .datasets = 70, .total = 1375}));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(errorOf([&] { dataFolderUse(folder, stop.get_token()); }).code(), ErrorCode::Cancelled);
}

} // namespace
} // namespace lorikeet
