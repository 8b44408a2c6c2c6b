// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_library.h"

#include <fstream>

#include <gmock/gmock.h>

#include "core/base/files.h"
#include "core/train/run_config.h"
#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRows = "{\"question\": \"a\", \"answer\": \"b\"}\n{\"question\": \"c\", \"answer\": \"d\"}\n";

class DatasetLibrary : public JobsTest {
protected:
    const DataFolder& library() { return m_workshop.folder(); }
    DataConfig rows(const std::string& name = "train.jsonl") {
        DataConfig data;
        data.train = writeRows(name, kRows);
        return data;
    }
    std::vector<std::string> names() {
        std::vector<std::string> names;
        for (const LibraryDataset& dataset : listDatasets(library()))
            names.push_back(dataset.name);
        return names;
    }
    void damage(const std::string& name, const std::string& text) {
        std::ofstream(library().datasets() / name / "dataset.json") << text;
    }
    template <typename Act>
    static ErrorCode codeOf(Act&& act) {
        try {
            act();
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::InvalidArgument; // what none of these throws
    }
};

TEST_F(DatasetLibrary, KeepsADatasetWithItsMapping) {
    DataConfig data = rows();
    data.format = RowFormat::PromptCompletion;
    data.columns = {{"prompt", "question"}, {"completion", "answer"}};
    data.trainOn = TrainOn::All;
    data.chatTemplate = TemplateChoice::Plain;
    data.maxLength = 128;
    const LibraryDataset added = addDataset(library(), data, "gsm8k train \u00e9");
    EXPECT_EQ(added.data, data);
    EXPECT_EQ(added.rows, 2);
    EXPECT_EQ(added.bytes, int64_t(fs::file_size(data.train)));
    EXPECT_TRUE(added.isThere);
    EXPECT_THAT(names(), ElementsAre("starter", "gsm8k train \u00e9"));
    const LibraryDataset listed = listDatasets(library()).at(1);
    EXPECT_EQ(listed.data, data);
    EXPECT_EQ(listed.rows, 2);
    EXPECT_FALSE(listed.isBuiltIn);
    data.maxLength = 64;
    EXPECT_EQ(updateDataset(library(), added.name, data).data, data);
    EXPECT_EQ(getDataset(library(), added.name).rows, 2) << "another mapping of the same file";
    EXPECT_TRUE(fs::exists(data.train));
    removeDataset(library(), added.name);
    EXPECT_THAT(names(), ElementsAre("starter"));
    EXPECT_TRUE(fs::exists(data.train)) << "the file is the user's";
}

TEST_F(DatasetLibrary, TheStarterDatasetBelongsToItAndCannotBeChanged) {
    const LibraryDataset starter = listDatasets(library()).at(0);
    EXPECT_TRUE(starter.isBuiltIn && starter.isThere);
    EXPECT_GT(starter.bytes, 0);
    EXPECT_EQ(starter.data.format, RowFormat::PromptCompletion);
    EXPECT_THAT(starter.data.train, HasSubstr("starter/train.jsonl"));
    EXPECT_EQ(getDataset(library(), "starter").data, starter.data);
    noteDatasetRows(library(), "starter", 5);
    EXPECT_EQ(codeOf([&] { removeDataset(library(), "starter"); }), ErrorCode::BadConfig);
    EXPECT_EQ(codeOf([&] { updateDataset(library(), "starter", rows()); }), ErrorCode::BadConfig);
    EXPECT_EQ(codeOf([&] { renameDataset(library(), "starter", "mine"); }), ErrorCode::BadConfig);
    EXPECT_EQ(codeOf([&] { addDataset(library(), rows(), "starter"); }), ErrorCode::BadConfig);
    EXPECT_FALSE(fs::exists(library().datasets()));
}

TEST_F(DatasetLibrary, FindsAFreeNameItself) {
    fs::create_directories(m_folder / "gsm8k");
    const DataConfig first = rows(), second = rows("gsm8k/train.jsonl");
    EXPECT_EQ(addDataset(library(), first).name, "train");
    EXPECT_EQ(addDataset(library(), second).name, "gsm8k train");
    EXPECT_EQ(addDataset(library(), second).name, "train 2");
    EXPECT_EQ(addDataset(library(), rows("starter.jsonl")).name, m_folder.path().filename().string() + " starter");
}

TEST_F(DatasetLibrary, ADamagedEntryIsListedWithItsProblemAndCanBeRemovedOrReplaced) {
    addDataset(library(), rows(), "good");
    for (const char* name : {"a", "b", "c", "d"})
        addDataset(library(), rows(), name);
    damage("a", "{");
    damage("b", R"({"data": {"train": "x.jsonl", "format": "tea leaves"}})");
    damage("c", R"({"data": {"train": "x.jsonl"}, "rows": "many", "bytes": 1, "changed": 1})");
    fs::remove(library().datasets() / "d" / "dataset.json");
    const auto datasets = listDatasets(library());
    ASSERT_EQ(datasets.size(), 6u);
    for (std::size_t i = 1; i <= 4; ++i)
        EXPECT_THAT(datasets[i].problem, HasSubstr("dataset.json")) << datasets[i].name;
    EXPECT_EQ(datasets[5].problem, "");
    EXPECT_EQ(codeOf([&] { getDataset(library(), "b"); }), ErrorCode::BadFile);
    EXPECT_EQ(updateDataset(library(), "a", rows()).problem, "");
    removeDataset(library(), "b");
    EXPECT_THAT(names(), ElementsAre("starter", "a", "c", "d", "good"));
}

TEST_F(DatasetLibrary, KnowsWhenTheFileIsGoneOrHasChangedSinceItsRowsWereCounted) {
    const DataConfig data = rows();
    addDataset(library(), data, "mine");
    writeRows("train.jsonl", std::string(kRows) + kRows);
    EXPECT_FALSE(getDataset(library(), "mine").rows);
    noteDatasetRows(library(), "mine", 4);
    EXPECT_EQ(getDataset(library(), "mine").rows, 4);
    fs::remove(data.train);
    const LibraryDataset gone = getDataset(library(), "mine");
    EXPECT_FALSE(gone.isThere || gone.rows);
    EXPECT_EQ(gone.bytes, 0);
    EXPECT_EQ(gone.data.train, data.train);
}

TEST_F(DatasetLibrary, RenamesOnlyToAFreeName) {
    addDataset(library(), rows(), "one");
    addDataset(library(), rows("other.jsonl"), "two");
    EXPECT_EQ(renameDataset(library(), "one", "three").rows, 2);
    EXPECT_THAT(names(), ElementsAre("starter", "three", "two"));
    EXPECT_EQ(codeOf([&] { renameDataset(library(), "two", "three"); }), ErrorCode::BadConfig);
    EXPECT_EQ(codeOf([&] { renameDataset(library(), "two", "../up"); }), ErrorCode::BadConfig);
    EXPECT_EQ(codeOf([&] { renameDataset(library(), "one", "four"); }), ErrorCode::NotFound);
    EXPECT_EQ(renameDataset(library(), "two", "two").name, "two");
}

TEST_F(DatasetLibrary, RefusesWhatIsNoDatasetOrNoName) {
    DataConfig absent;
    absent.train = (m_folder / "absent.jsonl").string();
    EXPECT_EQ(codeOf([&] { addDataset(library(), absent); }), ErrorCode::NotFound);
    DataConfig picture;
    picture.train = writeRows("picture.png", "\x89PNG");
    EXPECT_EQ(codeOf([&] { addDataset(library(), picture); }), ErrorCode::BadFile);
    DataConfig data = rows();
    for (const char* name : {"", ".", "..", ".hidden", "a/b", " a", "a ", "a\nb"}) {
        EXPECT_EQ(codeOf([&] { addDataset(library(), data, name); }), ErrorCode::BadConfig) << name;
        EXPECT_EQ(codeOf([&] { removeDataset(library(), name); }), ErrorCode::NotFound) << name;
    }
    EXPECT_EQ(codeOf([&] { addDataset(library(), data, std::string(101, 'a')); }), ErrorCode::BadConfig);
    data.maxLength = 1;
    EXPECT_EQ(codeOf([&] { addDataset(library(), data, "short"); }), ErrorCode::BadConfig);
    EXPECT_THAT(names(), ElementsAre("starter"));
    addDataset(library(), rows(), "taken");
    EXPECT_EQ(codeOf([&] { addDataset(library(), rows(), "taken"); }), ErrorCode::BadConfig);
}

TEST_F(DatasetLibrary, AFullDiskLeavesNoHalfEntry) {
    const DataConfig data = rows();
    setFileFaultHook([](FileOperation operation, const fs::path& path) {
        return operation == FileOperation::Write && path.string().find("dataset.json") != std::string::npos ? ENOSPC
                                                                                                            : 0;
    });
    EXPECT_EQ(codeOf([&] { addDataset(library(), data, "mine"); }), ErrorCode::Io);
    setFileFaultHook({});
    EXPECT_THAT(names(), ElementsAre("starter"));
    EXPECT_EQ(addDataset(library(), data, "mine").name, "mine");
}

} // namespace
} // namespace lorikeet
