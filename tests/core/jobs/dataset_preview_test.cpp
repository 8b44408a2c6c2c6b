// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_preview.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>

#include "core/data/row_reader.h"
#include "core/jobs/dataset_job.h"
#include "core/jobs/training_data.h"
#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class DatasetPreviewTest : public JobsTest {
protected:
    std::string questions() {
        return writeRows("questions.jsonl", R"({"question": "What is blue?", "answer": "The sky.", "id": 1}
{"question": "What is green?", "answer": "The grass is, and so are many other things that grow.", "id": 2}
{"question": "", "answer": "", "id": 3}
{"question": "What is red?", "answer": "A rose.", "id": 4}
{"question": "What is blue?", "answer": "The sky.", "id": 5}
{"question": "What is red?", "answer": ["A", "rose"], "id": 6}
{"question": "What is white?", "answer": "Snow.", "id": null}
)");
    }
    static DataConfig swapped() {
        DataConfig config;
        config.columns = {{"prompt", "answer"}, {"completion", "question"}};
        return config;
    }
    static std::string trainedText(const PreviewRow& row) {
        std::string text;
        for (const ShownToken& token : row.tokens)
            text += token.trained ? token.text : "";
        return text;
    }
    template <typename Act>
    static ErrorCode codeOf(Act&& act) {
        try {
            act();
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "nothing was thrown";
        return ErrorCode::Io;
    }
};

TEST_F(DatasetPreviewTest, ShowsColumnsAndRawRowsWithoutAModel) {
    const DatasetPreview preview(m_workshop, questions());
    EXPECT_EQ(preview.rows(), 7);
    ASSERT_EQ(preview.columns().size(), 3u);
    EXPECT_EQ(preview.columns()[0].name, "question");
    EXPECT_EQ(preview.columns()[0].value, "What is blue?");
    EXPECT_EQ(preview.columns()[2].value, "1");
    ASSERT_TRUE(preview.detected());
    EXPECT_EQ(preview.detected()->format, RowFormat::PromptCompletion);
    EXPECT_EQ(preview.mapping(), preview.detected());
    EXPECT_EQ(preview.problem(), "");
    const PreviewRow row = preview.row(6);
    EXPECT_EQ(row.raw, "{\n  \"question\": \"What is white?\",\n  \"answer\": \"Snow.\",\n  \"id\": null\n}");
    EXPECT_EQ(row.columns.at(2).value, "null");
    EXPECT_TRUE(row.tokens.empty() && row.rendered.empty() && row.problem.empty());
    EXPECT_EQ(codeOf([&] { preview.row(7); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf([&] { preview.row(-1); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf([&] { preview.scan({}); }), ErrorCode::BadConfig);
}

TEST_F(DatasetPreviewTest, ShowsARowAsTrainingSeesIt) {
    DatasetPreview preview(m_workshop, questions());
    preview.setModel(modelPath());
    EXPECT_TRUE(preview.usesChatTemplate());
    const PreviewRow row = preview.row(0);
    EXPECT_THAT(row.rendered, AllOf(HasSubstr("<|im_start|>user\nWhat is blue?<|im_end|>"), HasSubstr("The sky.")));
    EXPECT_THAT(trainedText(row), StartsWith("The sky.<|im_end|>"));
    EXPECT_EQ(row.fullLength, int64_t(row.tokens.size()));
    EXPECT_EQ(row.trainedTokens,
              std::count_if(row.tokens.begin(), row.tokens.end(), [](const auto& token) { return token.trained; }));
    EXPECT_TRUE(row.tokens.at(0).special) << row.tokens.at(0).text;
    EXPECT_EQ(std::count_if(row.tokens.begin(), row.tokens.end(), [](const auto& token) { return token.special; }),
              std::count_if(row.tokens.begin(), row.tokens.end(),
                            [](const auto& token) { return token.text.starts_with("<|im_"); }));

    // The same tokens and mask as the rows that a run trains on.
    RunConfig config;
    config.data.train = questions();
    const ModelText text = openText(modelPath());
    const TrainingData data(config, text, 1);
    const Example example = data.dataset().example(0);
    ASSERT_EQ(example.tokens.size(), row.tokens.size());
    for (std::size_t i = 0; i < row.tokens.size(); ++i) {
        EXPECT_EQ(row.tokens[i].id, example.tokens[i]);
        EXPECT_EQ(row.tokens[i].trained, example.trained[i] != 0);
    }
}

TEST_F(DatasetPreviewTest, AnotherMappingShowsAtOnce) {
    DatasetPreview preview(m_workshop, questions());
    preview.setModel(modelPath());
    preview.setMapping(swapped());
    EXPECT_THAT(trainedText(preview.row(0)), StartsWith("What is blue?<|im_end|>"));
    EXPECT_EQ(preview.mapping()->columns.at("prompt"), "answer");
    DataConfig config;
    config.maxLength = 30;
    config.trainOn = TrainOn::All;
    preview.setMapping(config);
    EXPECT_EQ(preview.config(), config);
    const PreviewRow cut = preview.row(1);
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.tokens.size(), 30u);
    EXPECT_GT(cut.fullLength, 30);
    EXPECT_EQ(cut.trainedTokens, 29) << "all but the first, which nothing predicts";
    EXPECT_THAT(cut.rendered, HasSubstr("that grow.")) << "what is rendered is not cut";
    EXPECT_EQ(int64_t(cut.tokens.size() + cut.cutOff.size()), cut.fullLength);
    std::string all;
    for (const auto* part : {&cut.tokens, &cut.cutOff})
        for (const ShownToken& token : *part)
            all += token.text;
    EXPECT_EQ(all, cut.rendered) << "the cut parts it";
    config.chatTemplate = TemplateChoice::Plain;
    preview.setMapping(config);
    EXPECT_FALSE(preview.usesChatTemplate());
    EXPECT_EQ(preview.row(0).rendered, "What is blue?The sky.");
}

TEST_F(DatasetPreviewTest, AMappingThatDoesNotFitIsAProblemUntilItDoes) {
    DatasetPreview preview(m_workshop, questions());
    preview.setModel(modelPath());
    DataConfig wrong;
    wrong.columns = {{"prompt", "title"}};
    preview.setMapping(wrong);
    EXPECT_THAT(preview.problem(), AllOf(HasSubstr("title"), HasSubstr("question, answer, id")));
    EXPECT_FALSE(preview.mapping());
    EXPECT_EQ(codeOf([&] { preview.requireNoProblem(); }), ErrorCode::BadConfig);
    EXPECT_EQ(codeOf([&] { preview.scan(wrong); }), ErrorCode::BadConfig);
    const PreviewRow row = preview.row(0);
    EXPECT_EQ(row.problem, preview.problem());
    EXPECT_THAT(row.raw, HasSubstr("The sky."));
    EXPECT_TRUE(row.tokens.empty());
    preview.setMapping({});
    EXPECT_EQ(preview.problem(), "");
    EXPECT_FALSE(preview.row(0).tokens.empty());
}

TEST_F(DatasetPreviewTest, RowsThatDoNotFitSayWhy) {
    DatasetPreview preview(m_workshop, questions());
    preview.setModel(modelPath());
    const PreviewRow empty = preview.row(2), bad = preview.row(5);
    EXPECT_EQ(empty.skipped, SkipReason::Empty);
    EXPECT_EQ(empty.problem, "it has no text");
    EXPECT_EQ(bad.skipped, SkipReason::Bad);
    EXPECT_THAT(bad.problem, HasSubstr("'answer' must be text"));
    EXPECT_THAT(bad.raw, HasSubstr("\"rose\""));
}

TEST_F(DatasetPreviewTest, AFileThatNoFormatFitsOrWithAMalformedRowOpensAllTheSame) {
    const DatasetPreview strange(m_workshop, writeRows("strange.jsonl", "{\"colour\": \"blue\", \"what\": \"sky\"}\n"));
    EXPECT_THAT(strange.problem(), HasSubstr("colour, what"));
    EXPECT_FALSE(strange.detected());
    EXPECT_EQ(strange.columns().size(), 2u);
    EXPECT_EQ(strange.row(0).columns.at(1).value, "sky");

    DatasetPreview broken(m_workshop, writeRows("broken.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"\n"));
    EXPECT_THAT(broken.problem(), HasSubstr("broken.jsonl: line 2"));
    EXPECT_EQ(broken.row(0).columns.at(0).value, "a");
    const PreviewRow row = broken.row(1);
    EXPECT_EQ(row.skipped, SkipReason::Bad);
    EXPECT_THAT(row.problem, HasSubstr("line 2"));

    EXPECT_EQ(codeOf([&] { DatasetPreview(m_workshop, m_folder / "absent.jsonl"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { DatasetPreview(m_workshop, writeRows("empty.jsonl", "")); }), ErrorCode::BadFile);
}

TEST_F(DatasetPreviewTest, AFileThatIsOverwrittenOrRemovedUnderItIsNoticed) {
    const std::string file = questions();
    DatasetPreview preview(m_workshop, file);
    preview.setModel(modelPath());
    EXPECT_FALSE(preview.hasFileChanged());
    writeRows("questions.jsonl", "");
    EXPECT_TRUE(preview.hasFileChanged());
    EXPECT_THAT(preview.row(0).problem, HasSubstr("questions.jsonl: the file has become shorter"));
    EXPECT_EQ(codeOf([&] { preview.scan({}); }), ErrorCode::BadFile);
    EXPECT_EQ(codeOf([&] { preview.setMapping({}), preview.requireNoProblem(); }), ErrorCode::BadFile);
    const DatasetPreview again(m_workshop, questions());
    std::filesystem::remove(file);
    EXPECT_TRUE(again.hasFileChanged());
    EXPECT_THAT(again.row(0).raw, HasSubstr("The sky.")) << "the opened file is still whole";
}

TEST_F(DatasetPreviewTest, AModelThatCannotBeOpenedChangesNothing) {
    DatasetPreview preview(m_workshop, questions());
    preview.setModel(modelPath());
    EXPECT_EQ(codeOf([&] { preview.setModel("no-such-model"); }), ErrorCode::NotFound);
    EXPECT_FALSE(preview.row(0).tokens.empty());
    preview.setModel("");
    EXPECT_TRUE(preview.row(0).tokens.empty());
}

TEST_F(DatasetPreviewTest, AScanFindsWhatARunWouldAndWhichRowsToShow) {
    DatasetPreview preview(m_workshop, questions());
    preview.setModel(modelPath());
    DataConfig config;
    config.maxLength = int(preview.row(1).fullLength) - 1;
    std::vector<double> fractions;
    const DatasetReport report =
        preview.scan(config, [&](const JobProgress& progress) { fractions.push_back(progress.fraction); });
    EXPECT_EQ(report.scan.summary.rows, 7);
    EXPECT_EQ(report.scan.summary.usedRows, 5);
    EXPECT_THAT(report.truncated, ElementsAre(1));
    EXPECT_THAT(report.empty, ElementsAre(2));
    EXPECT_THAT(report.bad, ElementsAre(5));
    EXPECT_TRUE(report.nothingTrained.empty());
    EXPECT_EQ(report.duplicates, 1);
    EXPECT_EQ(report.duplicateRows, std::vector<int64_t>{4});
    EXPECT_EQ(report.longestRow, 1);
    EXPECT_EQ(report.longestLength, preview.row(1).fullLength);
    EXPECT_EQ(report.rowsLongerThan(config.maxLength), 1);
    EXPECT_EQ(report.rowsLongerThan(1), 5);
    EXPECT_EQ(std::accumulate(report.lengths.counts.begin(), report.lengths.counts.end(), int64_t(0)), 5);
    EXPECT_EQ(report.lengths.counts.at(std::size_t(report.longestLength / report.lengths.binWidth)), 1);
    ASSERT_FALSE(fractions.empty());
    EXPECT_EQ(fractions.back(), 1.0);

    config.train = questions();
    const DatasetInspection inspection = inspectDataset(m_workshop, config, modelPath());
    EXPECT_EQ(inspection.summary, report.scan.summary);

    config.maxLength = 5;
    const DatasetReport cut = preview.scan(config);
    EXPECT_THAT(cut.nothingTrained, ElementsAre(0, 1, 3, 4, 6));
    EXPECT_EQ(cut.longestRow, -1);
    EXPECT_EQ(cut.duplicates, 0);
}

TEST_F(DatasetPreviewTest, AScanListsAThousandRowsOfAKindAndCountsAll) {
    std::string rows;
    for (int i = 0; i < 1500; ++i)
        rows += "{\"prompt\": \"\", \"completion\": \"\"}\n";
    DatasetPreview preview(m_workshop,
                           writeRows("empty_rows.jsonl", rows + "{\"prompt\": \"a\", \"completion\": \"b\"}\n"));
    preview.setModel(modelPath());
    const DatasetReport report = preview.scan({});
    EXPECT_EQ(report.empty.size(), DatasetReport::kListedRows);
    EXPECT_EQ(report.empty.back(), 999);
    EXPECT_EQ(report.scan.summary.empty, 1500);
    EXPECT_EQ(report.longestRow, 1500);
}

TEST_F(DatasetPreviewTest, RowsAndMappingsGoOnWhileAScanRuns) {
    std::string rows;
    for (int i = 0; i < 4000; ++i)
        rows += "{\"prompt\": \"What is " + std::to_string(i) + "?\", \"completion\": \"It is a number.\"}\n";
    DatasetPreview preview(m_workshop, writeRows("many.jsonl", rows));
    preview.setModel(modelPath());
    std::atomic<bool> isDone = false;
    std::stop_source stop;
    std::atomic<int64_t> counted = 0;
    std::jthread scanner([&] {
        counted = preview.scan({}).scan.summary.usedRows;
        isDone = true;
    });
    int64_t asked = 0;
    for (; !isDone || asked < 10; ++asked) {
        DataConfig config;
        config.maxLength = asked % 2 ? 512 : 20;
        preview.setMapping(config);
        EXPECT_EQ(preview.row(asked % 4000).truncated, config.maxLength == 20);
        if (asked % 50 == 0)
            preview.setModel(modelPath());
    }
    scanner.join();
    EXPECT_EQ(counted, 4000);
    stop.request_stop();
    EXPECT_EQ(codeOf([&] { preview.scan({}, {}, stop.get_token()); }), ErrorCode::Cancelled);
}

TEST_F(DatasetPreviewTest, ARowOfAMillionIsShownAtOnce) {
    constexpr int64_t kRows = 1'000'000;
    const std::filesystem::path file = m_folder / "million.jsonl";
    {
        std::ofstream out(file, std::ios::binary);
        for (int64_t i = 0; i + 1 < kRows; ++i)
            out << "{\"question\": \"How much is " << i << " plus one, exactly?\", \"answer\": \"It is " << i + 1
                << ".\"}\n";
        out << "{\"question\": \"cut off\n";
    }
    using Clock = std::chrono::steady_clock;
    const auto microseconds = [](Clock::duration duration) {
        return int(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
    };
    const auto begin = Clock::now();
    DatasetPreview preview(m_workshop, file);
    const auto opened = Clock::now();
    preview.setModel(modelPath());
    int slowest = 0, slowestMapping = 0;
    for (int64_t i = 0; i < 200; ++i) {
        const auto before = Clock::now();
        preview.setMapping(i % 2 ? swapped() : DataConfig());
        const auto mapped = Clock::now();
        const PreviewRow row = preview.row(i * 4999);
        EXPECT_GT(row.trainedTokens, 5);
        slowestMapping = std::max(slowestMapping, microseconds(mapped - before));
        slowest = std::max(slowest, microseconds(Clock::now() - before));
    }
    const auto beforeBad = Clock::now();
    EXPECT_THAT(preview.row(kRows - 1).problem, HasSubstr("line 1000000"));
    RecordProperty("open_ms", microseconds(opened - begin) / 1000);
    RecordProperty("mapping_worst_of_200_us", slowestMapping);
    RecordProperty("mapping_and_row_worst_of_200_us", slowest);
    RecordProperty("last_row_malformed_us", microseconds(Clock::now() - beforeBad));
    // Far above what is measured, so that a busy machine passes and another pass over the file does not.
    EXPECT_LT(slowest, 50'000);
}

} // namespace
} // namespace lorikeet
