// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/dataset.h"

#include <gmock/gmock.h>

#include "tests/core/data/data_test.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const ChatTemplate kTurns("{% for m in messages %}<{{ m.role }}>{{ m.content }}.{% endfor %}"
                          "{% if add_generation_prompt %}<assistant>{% endif %}",
                          "<s>", "</s>");

class DatasetTest : public DataTest {
protected:
    /// What becomes of a single row, as shown() shows it.
    std::string made(std::string_view row, const DataConfig& config = {}, const ChatTemplate* chatTemplate = nullptr) {
        return shown(open(row, config, chatTemplate).example(0), m_tokenizer);
    }
};

TEST_F(DatasetTest, TrainsEveryTokenOfTextButTheFirst) {
    EXPECT_EQ(made(R"({"text":"abc"})"), "<s>[abc</s>]");
    EXPECT_EQ(made(R"({"text":"abc"})", {}, &kTurns), "<s>[abc</s>]") << "text takes no chat template";
    const ByteTokenizer without(false, false);
    EXPECT_EQ(shown(Dataset(write("rows.jsonl", R"({"text":"abc"})"), {}, without, nullptr).example(0), without),
              "a[bc]");
}

TEST_F(DatasetTest, TrainsCompletionAndEosOfAPlainRow) {
    const std::string row = R"({"prompt":"2+2=","completion":"4"})";
    EXPECT_EQ(made(row), "<s>2+2=[4</s>]");
    DataConfig config;
    config.trainOn = TrainOn::All;
    EXPECT_EQ(made(row, config), "<s>[2+2=4</s>]");
    config = {};
    config.chatTemplate = TemplateChoice::Plain;
    EXPECT_EQ(made(row, config, &kTurns), "<s>2+2=[4</s>]");
}

TEST_F(DatasetTest, ChatTrainsWhatTheAnswerAddsAfterTheGenerationPrompt) {
    EXPECT_EQ(made(R"({"prompt":"2+2=","completion":"4"})", {}, &kTurns), "<user>2+2=.<assistant>[4.]");
    EXPECT_EQ(made(R"({"instruction":"Add","input":"2 2","output":"4"})", {}, &kTurns),
              "<user>Add\n\n2 2.<assistant>[4.]");
    EXPECT_EQ(made(R"({"instruction":"Add","input":"","output":"4"})", {}, &kTurns), "<user>Add.<assistant>[4.]");
}

TEST_F(DatasetTest, AlpacaPlainEndsItsPromptWhereTheResponseBegins) {
    EXPECT_EQ(
        made(R"({"instruction":"Add","input":"2 2","output":"4"})"),
        "<s>Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a response that appropriately completes the request.\n\n### Instruction:\nAdd\n\n### Input:\n2 2\n\n"
        "### Response:[4</s>]");
    EXPECT_EQ(made(R"({"instruction":"Add","input":"","output":"4"})"),
              "<s>Below is an instruction that describes a task. Write a response that appropriately completes the "
              "request.\n\n### Instruction:\nAdd\n\n### Response:[4</s>]");
}

TEST_F(DatasetTest, TrainsEachAnswerOfAConversationAndDropsWhatFollowsTheLast) {
    const std::string row = R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},)"
                            R"({"role":"assistant","content":"b"},{"role":"user","content":"c"},)"
                            R"({"role":"assistant","content":"d"},{"role":"user","content":"e"}]})";
    EXPECT_EQ(made(row, {}, &kTurns), "<system>s.<user>a.<assistant>[b.]<user>c.<assistant>[d.]");
    DataConfig config;
    config.trainOn = TrainOn::All;
    EXPECT_EQ(made(row, config, &kTurns), "<[system>s.<user>a.<assistant>b.<user>c.<assistant>d.]");
}

TEST_F(DatasetTest, CutsAtTheEnd) {
    DataConfig config;
    config.maxLength = 7;
    const Example example = open(R"({"prompt":"2+2=","completion":"4444"})", config).example(0);
    EXPECT_EQ(shown(example, m_tokenizer), "<s>2+2=[44]");
    EXPECT_TRUE(example.truncated);
    EXPECT_EQ(example.fullLength, 10);
}

TEST_F(DatasetTest, CountsSkippedRowsByReasonAndKeepsTheFirstOfEach) {
    DataConfig config;
    config.maxLength = 10;
    const Dataset dataset = open("{\"prompt\":\"a\",\"completion\":\"b\"}\n"
                                 "{\"prompt\":\"a\",\"completion\":[1]}\n\n"
                                 "{\"prompt\":\"\",\"completion\":null}\n"
                                 "{\"prompt\":\"much too long\",\"completion\":\"b\"}\n"
                                 "{\"prompt\":\"a\"}\n"
                                 "{\"prompt\":\"a\",\"completion\":\"1234567890\"}\n",
                                 config);
    const DatasetScan scanned = scan(dataset);
    const DatasetSummary& summary = scanned.summary;
    EXPECT_EQ(summary.rows, 6);
    EXPECT_EQ(summary.usedRows, 2);
    EXPECT_EQ(summary.empty, 1);
    EXPECT_EQ(summary.nothingTrained, 1);
    EXPECT_EQ(summary.bad, 2);
    EXPECT_EQ(summary.truncatedRows, 1);
    EXPECT_EQ(summary.tokens, 4 + 10);
    EXPECT_EQ(summary.trainedTokens, 2 + 8);
    EXPECT_EQ(summary.longest, 10);
    EXPECT_THAT(summary.problems,
                ElementsAre(StartsWith("rows.jsonl: line 4: it has no text"),
                            AllOf(StartsWith("rows.jsonl: line 5: "), HasSubstr("data.max_length")),
                            AllOf(StartsWith("rows.jsonl: line 2: "), HasSubstr("'completion' must be text"))));
    EXPECT_THAT(scanned.usedRows, ElementsAre(0, 5));
    EXPECT_THAT(scanned.lengths, ElementsAre(4, 10));
    EXPECT_THAT(scanned.fullLengths, ElementsAre(4, 13));
    EXPECT_NO_THROW(requireUsedRows(dataset, summary));
}

TEST_F(DatasetTest, RefusesADatasetOfWhichEveryRowIsSkipped) {
    const Dataset dataset =
        open("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n{\"messages\":[]}\n", {}, &kTurns);
    EXPECT_THAT(messageOf(ErrorCode::BadFile, [&] { requireUsedRows(dataset, scan(dataset).summary); }),
                AllOf(StartsWith("rows.jsonl: none of its 2 rows"),
                      HasSubstr("1 have no text, 1 have nothing to train"),
                      HasSubstr("line 1: no message in it is the assistant's")));
}

TEST_F(DatasetTest, ScansTheSameOnAnyNumberOfThreads) {
    std::string rows;
    for (int i = 0; i < 3000; ++i)
        rows += i % 7 == 3 ? "{\"text\":\"\"}\n" : "{\"text\":\"" + std::string(std::size_t(i % 50), 'x') + "\"}\n";
    const Dataset dataset = open(rows);
    const DatasetScan one = scan(dataset, 1), four = scan(dataset, 4);
    EXPECT_EQ(one.summary, four.summary);
    EXPECT_EQ(one.usedRows, four.usedRows);
    EXPECT_EQ(one.lengths, four.lengths);
    // Rows of i % 50 letters, bos and eos, but for those without text.
    std::vector<int32_t> expected;
    for (int i = 0; i < 3000; ++i)
        if (i % 7 != 3 && i % 50 != 0)
            expected.push_back(i % 50 + 2);
    EXPECT_EQ(one.lengths, expected);
}

TEST_F(DatasetTest, ScanReportsItsProgressAndStopsWhenAsked) {
    std::string rows;
    for (int i = 0; i < 3000; ++i)
        rows += "{\"text\":\"a\"}\n";
    const Dataset dataset = open(rows);
    ThreadPool pool(1);
    std::stop_source stop;
    std::vector<int64_t> heard;
    const auto progress = [&](int64_t done) {
        heard.push_back(done);
        if (done > 1500)
            stop.request_stop();
    };
    messageOf(ErrorCode::Cancelled, [&] { scanDataset(dataset, pool, progress, stop.get_token()); });
    EXPECT_LT(heard.back(), 3000);
    EXPECT_GE(heard.size(), 2u);
}

TEST_F(DatasetTest, AFileThatIsMalformedEndsTheScanWithItsLine) {
    const Dataset dataset = open([] {
        std::string rows;
        for (int i = 0; i < 100; ++i)
            rows += "{\"text\":\"a\"}\n";
        return rows + "{\"text\":";
    }());
    EXPECT_THAT(messageOf(ErrorCode::BadFile, [&] { scan(dataset, 2); }), StartsWith("rows.jsonl: line 101: "));
}

TEST_F(DatasetTest, ATemplateThatTakesBackWhatItRenderedIsNamedWithTheDifference) {
    const ChatTemplate counting("{{ messages | length }} messages:{% for m in messages %} {{ m.content }}{% endfor %}",
                                "", "");
    const RowResult result = open(R"({"prompt":"a","completion":"b"})", {}, &counting).result(0);
    EXPECT_EQ(result.skipped, SkipReason::Bad);
    EXPECT_THAT(result.problem, AllOf(HasSubstr("the first 2 messages begin otherwise at byte 0"),
                                      HasSubstr("\"2 messages: a b\" where it was \"1 messages: a\"")));
}

TEST_F(DatasetTest, ATemplateThatRefusesARowSkipsIt) {
    const ChatTemplate strict("{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
                              "{% for m in messages %}{{ m.content }}{% endfor %}",
                              "", "");
    const RowResult result =
        open(R"({"messages":[{"role":"system","content":"s"},{"role":"assistant","content":"b"}]})", {}, &strict)
            .result(0);
    EXPECT_EQ(result.skipped, SkipReason::Bad);
    EXPECT_THAT(result.problem, HasSubstr("no system here"));
}

TEST_F(DatasetTest, RefusesATemplateChoiceThatCannotBe) {
    const std::string messages = R"({"messages":[{"role":"user","content":"a"}]})",
                      pair = R"({"prompt":"a","completion":"b"})";
    DataConfig config;
    EXPECT_THAT(messageOf(ErrorCode::BadConfig, [&] { open(messages); }), HasSubstr("no chat template"));
    config.chatTemplate = TemplateChoice::Chat;
    EXPECT_THAT(messageOf(ErrorCode::BadConfig, [&] { open(pair, config); }), HasSubstr("no chat template"));
    config.chatTemplate = TemplateChoice::Plain;
    EXPECT_THAT(messageOf(ErrorCode::BadConfig, [&] { open(messages, config, &kTurns); }), HasSubstr("plain"));
    config.maxLength = 1;
    EXPECT_THAT(messageOf(ErrorCode::BadConfig, [&] { open(pair, config); }), HasSubstr("data.max_length"));
}

TEST(LengthHistogram, CountsEachLengthOnce) {
    const std::vector<int32_t> lengths{1, 2, 3, 4, 9, 10};
    const LengthHistogram histogram = lengthHistogram(lengths, 5);
    EXPECT_EQ(histogram.binWidth, 3);
    EXPECT_THAT(histogram.counts, ElementsAre(2, 2, 0, 2));
    EXPECT_THAT(lengthHistogram({}, 5).counts, ElementsAre(0));
}

} // namespace
} // namespace lorikeet
