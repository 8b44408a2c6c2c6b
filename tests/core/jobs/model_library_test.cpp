// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/model_library.h"

#include <fstream>

#include <gmock/gmock.h>

#include "core/base/error.h"
#include "core/jobs/dataset_job.h"
#include "core/jobs/estimate_job.h"
#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

class ModelLibrary : public JobsTest {
protected:
    const DataFolder& library() { return m_workshop.folder(); }
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

TEST_F(ModelLibrary, AnAddedModelIsFoundByItsNameAndForgottenWithItsFilesLeft) {
    EXPECT_TRUE(listModels(library()).empty());
    const LibraryModel added = addModel(library(), modelPath(), "tiny");
    EXPECT_FALSE(added.isOwned);
    EXPECT_EQ(resolveModel(library(), "tiny"), fs::canonical(modelPath()));
    ASSERT_EQ(listModels(library()).size(), 1u);
    EXPECT_EQ(codeOf([&] { addModel(library(), modelPath(), "tiny"); }), ErrorCode::BadConfig);
    removeModel(library(), "tiny");
    EXPECT_TRUE(listModels(library()).empty());
    EXPECT_TRUE(fs::exists(fs::path(modelPath()) / "config.json"));
    EXPECT_EQ(codeOf([&] { resolveModel(library(), "tiny"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { removeModel(library(), "tiny"); }), ErrorCode::NotFound);
}

TEST_F(ModelLibrary, ModelsThatLieInItAreOwnedAndDotFilesAreNone) {
    const fs::path owned = library().models() / "own";
    fs::create_directories(owned);
    fs::copy(modelPath(), owned);
    fs::create_directories(library().models() / ".partial");
    fs::copy(modelPath(), library().models() / ".partial");
    std::ofstream(library().models() / "stray.gguf") << "no folder";
    const std::vector<LibraryModel> models = listModels(library());
    ASSERT_EQ(models.size(), 1u);
    EXPECT_EQ(models[0].name, "own");
    EXPECT_TRUE(models[0].isOwned);
    removeModel(library(), "own");
    EXPECT_FALSE(fs::exists(owned));
    for (const char* name : {"..", ".partial", "", "a/b"})
        EXPECT_EQ(codeOf([&] { removeModel(library(), name); }), ErrorCode::NotFound) << name;
}

TEST_F(ModelLibrary, ADamagedEntryIsListedWithWhatIsWrongBesideTheOthers) {
    addModel(library(), modelPath(), "tiny");
    addModel(library(), modelPath(), "damaged");
    std::ofstream(library().models() / "damaged" / "model.json") << "{\"path\": 3";
    const std::vector<LibraryModel> models = listModels(library());
    ASSERT_EQ(models.size(), 2u);
    EXPECT_EQ(models[0].name, "damaged");
    EXPECT_THAT(models[0].problem, testing::HasSubstr("model.json"));
    EXPECT_FALSE(models[0].isThere);
    EXPECT_EQ(models[1].problem, "");
    EXPECT_TRUE(models[1].isThere);
    EXPECT_EQ(codeOf([&] { resolveModel(library(), "damaged"); }), ErrorCode::BadFile);
    removeModel(library(), "damaged");
    EXPECT_EQ(listModels(library()).size(), 1u);
}

TEST_F(ModelLibrary, AFolderIsCalledByWhatOfItsNameANameMayHold) {
    const fs::path folder = m_folder / "Llama 3 (ä)";
    fs::copy(modelPath(), folder);
    EXPECT_EQ(addModel(library(), folder).name, "Llama-3-----");
    EXPECT_EQ(listModels(library()).size(), 1u);
    EXPECT_EQ(codeOf([&] { addModel(library(), folder, "Llama 3"); }), ErrorCode::BadConfig);
}

TEST_F(ModelLibrary, TheLicenseIsWhatTheFilesName) {
    const fs::path folder = m_folder / "licensed";
    fs::copy(modelPath(), folder);
    EXPECT_EQ(inspectModel(folder).license, "");
    const auto licenseBy = [&](const std::string& readme) {
        std::ofstream(folder / "README.md") << readme;
        return inspectModel(folder).license;
    };
    EXPECT_EQ(licenseBy("---\nlanguage: en\nlicense: apache-2.0\n---\n# Model\n"), "apache-2.0");
    EXPECT_EQ(licenseBy("---\nlicense: other\nlicense_name: \"Llama \x01 3\"\n---\n"), "Llama  3");
    EXPECT_EQ(licenseBy("---\nlicense:\n- mit\n- bsd\n---\n"), "mit");
    EXPECT_EQ(licenseBy("---\nlicense: " + std::string(5000, 'x') + "\n---\n").size(), 80u);
    EXPECT_EQ(licenseBy("# Model\nlicense: mit\n"), "");
    EXPECT_EQ(licenseBy("---\nlicense:"), "");
    fs::remove(folder / "README.md");
    fs::create_directory(folder / "README.md"); // which cannot be read
    EXPECT_EQ(inspectModel(folder).license, "");
}

TEST_F(ModelLibrary, WhatIsNoModelIsNotAdded) {
    EXPECT_EQ(codeOf([&] { addModel(library(), m_folder / "absent"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { addModel(library(), modelPath(), "../up"); }), ErrorCode::BadConfig);
    EXPECT_TRUE(listModels(library()).empty());
}

TEST_F(ModelLibrary, TheEstimateOfARunHoldsWhatItsLedgerMeasures) {
    const EstimateResult estimate = estimateRun(m_workshop, smallRun());
    const EndEvent end = train(smallRun());
    for (const MemoryTag tag :
         {MemoryTag::Weights, MemoryTag::QuantState, MemoryTag::Adapters, MemoryTag::Gradients, MemoryTag::Optimizer})
        EXPECT_EQ(estimate.peak[tag], end.peak[tag]) << memoryTagName(tag);
    EXPECT_NEAR(double(estimate.peak.total()), double(end.peak.total()), 0.15 * double(end.peak.total()));
    EXPECT_TRUE(estimate.fits);
}

TEST_F(ModelLibrary, ADatasetIsInspectedWithAndWithoutAModel) {
    DataConfig data = smallRun().data;
    const DatasetInspection plain = inspectDataset(m_workshop, data, std::nullopt);
    EXPECT_EQ(plain.rows, 5);
    EXPECT_FALSE(plain.summary);
    const DatasetInspection full = inspectDataset(m_workshop, data, modelPath());
    ASSERT_TRUE(full.summary);
    EXPECT_EQ(full.summary->usedRows, 5);
    EXPECT_TRUE(full.usesChatTemplate);
    std::string trained;
    for (const ShownToken& token : full.example)
        if (token.trained)
            trained += token.text;
    EXPECT_THAT(trained, testing::StartsWith("The sky.<|im_end|>"));
}

} // namespace
} // namespace lorikeet
