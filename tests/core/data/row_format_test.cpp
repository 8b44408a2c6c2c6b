// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/row_format.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/core/data/data_test.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RowFormatTest : public DataTest {
protected:
    ColumnMapping detect(std::string_view jsonLines, const DataConfig& config = {}) {
        return detectFormat(*openRows(write("rows.jsonl", jsonLines)), config);
    }
    RowContent content(std::string_view row, const DataConfig& config = {}) {
        const auto rows = openRows(write("rows.jsonl", row));
        return readContent(rows->row(0), detectFormat(*rows, config));
    }
};

TEST_F(RowFormatTest, DetectsEachFormatByItsColumns) {
    EXPECT_EQ(detect(R"({"id":1,"text":"a"})"), (ColumnMapping{RowFormat::Text, {{"text", "text"}}}));
    EXPECT_EQ(detect(R"({"prompt":"a","completion":"b"})"),
              (ColumnMapping{RowFormat::PromptCompletion, {{"prompt", "prompt"}, {"completion", "completion"}}}));
    EXPECT_EQ(detect(R"({"question":"a","answer":"b"})"),
              (ColumnMapping{RowFormat::PromptCompletion, {{"prompt", "question"}, {"completion", "answer"}}}));
    EXPECT_EQ(detect(R"({"instruction":"a","output":"b","text":"ab"})"),
              (ColumnMapping{RowFormat::Alpaca, {{"instruction", "instruction"}, {"output", "output"}}}));
    EXPECT_EQ(detect(R"({"instruction":"a","input":"c","output":"b"})").columns.at("input"), "input");
    EXPECT_EQ(detect(R"({"messages":[{"role":"user","content":"a"}],"prompt":"a","completion":"b"})"),
              (ColumnMapping{RowFormat::Messages, {{"messages", "messages"}}}));
    EXPECT_EQ(detect(R"({"conversations":[{"from":"human","value":"a"}]})"),
              (ColumnMapping{RowFormat::ShareGpt, {{"conversations", "conversations"}}}));
}

TEST_F(RowFormatTest, TellsConversationsByTheirKeysNotTheirColumn) {
    EXPECT_EQ(detect(R"({"conversations":[{"role":"user","content":"a"}]})").format, RowFormat::Messages);
    EXPECT_EQ(detect(R"({"messages":[{"from":"human","value":"a"}]})").format, RowFormat::ShareGpt);
    EXPECT_EQ(detect("{\"messages\":[]}\n{\"messages\":[{\"from\":\"human\",\"value\":\"a\"}]}").format,
              RowFormat::ShareGpt);
}

TEST_F(RowFormatTest, DetectsRealData) {
    SKIP_WITHOUT_TEST_DATA("gsm8k");
    const auto formatOf = [](const char* file) { return detectFormat(*openRows(testDataFolder() / file), {}).format; };
    EXPECT_EQ(formatOf("gsm8k/train.jsonl"), RowFormat::PromptCompletion);
    EXPECT_EQ(formatOf("alpaca/alpaca_en_demo.json"), RowFormat::Alpaca);
    EXPECT_EQ(formatOf("sharegpt/dummy_conversation.json"), RowFormat::ShareGpt);
    EXPECT_THAT(messageOf(ErrorCode::BadFile, [&] { formatOf("self_instruct/seed_tasks.jsonl"); }),
                AllOf(HasSubstr("seed_tasks.jsonl"), HasSubstr("id, name, instruction, instances, is_classification")));
}

TEST_F(RowFormatTest, MapsColumnsAsAskedAndTakesTheRolesAsAHintOfTheFormat) {
    DataConfig config;
    config.columns = {{"prompt", "q"}, {"completion", "a"}};
    EXPECT_EQ(detect(R"({"q":"x","a":"y","text":"z"})", config),
              (ColumnMapping{RowFormat::PromptCompletion, {{"prompt", "q"}, {"completion", "a"}}}));
    config.columns = {{"text", "q"}};
    EXPECT_EQ(detect(R"({"q":"x","prompt":"y","completion":"z"})", config).format, RowFormat::Text);
    config.columns = {{"prompt", "missing"}};
    EXPECT_THAT(messageOf(ErrorCode::BadConfig, [&] { detect(R"({"q":"x","a":"y"})", config); }),
                AllOf(HasSubstr("data.columns.prompt"), HasSubstr("'missing'"), HasSubstr("q, a")));
}

TEST_F(RowFormatTest, ARoleThatIsSaidToBePlayedByNoneIsNotTakenByItsUsualColumn) {
    DataConfig config;
    config.columns = {{"input", ""}};
    const std::string_view row = R"({"instruction":"a","input":"c","output":"b"})";
    EXPECT_EQ(detect(row, config),
              (ColumnMapping{RowFormat::Alpaca, {{"instruction", "instruction"}, {"output", "output"}}}));
    EXPECT_EQ(content(row, config).input, "");
    config.columns = {{"output", ""}};
    config.format = RowFormat::Alpaca;
    EXPECT_THAT(messageOf(ErrorCode::BadFile, [&] { detect(row, config); }), HasSubstr("instruction, output"));
}

TEST_F(RowFormatTest, AFormatThatIsAskedForNeedsItsColumnsAndNoOthers) {
    DataConfig config;
    config.format = RowFormat::Text;
    EXPECT_EQ(detect(R"({"text":"x","prompt":"y","completion":"z"})", config).format, RowFormat::Text);
    EXPECT_THAT(messageOf(ErrorCode::BadFile, [&] { detect(R"({"txt":"x"})", config); }),
                AllOf(HasSubstr("rows.jsonl"), HasSubstr("text"), HasSubstr("txt")));
    config.columns = {{"prompt", "txt"}};
    EXPECT_THAT(messageOf(ErrorCode::BadConfig, [&] { detect(R"({"txt":"x"})", config); }),
                HasSubstr("data.columns.prompt"));
}

TEST_F(RowFormatTest, ReadsNullAsEmptyAndNumbersAsTheirJson) {
    const RowContent read = content(R"({"prompt":7,"completion":true})");
    EXPECT_EQ(read.prompt, "7");
    EXPECT_EQ(read.completion, "true");
    EXPECT_EQ(content(R"({"prompt":null,"completion":0.5})").prompt, "");
    EXPECT_TRUE(content(R"({"prompt":null,"completion":""})").empty());
}

TEST_F(RowFormatTest, TurnsSpeakersIntoRoles) {
    const RowContent read = content(R"({"conversations":[{"from":"system","value":"s"},{"from":"human","value":"h"},)"
                                    R"({"from":"gpt","value":"g"}]})");
    ASSERT_EQ(read.messages.size(), 3u);
    EXPECT_EQ(read.messages[0].role, "system");
    EXPECT_EQ(read.messages[1].role, "user");
    EXPECT_EQ(read.messages[2].role, "assistant");
    EXPECT_EQ(read.messages[2].content, "g");
}

TEST_F(RowFormatTest, PutsASystemColumnFirstWhereItIsMapped) {
    DataConfig config;
    config.columns = {{"system", "sys"}};
    const std::string row = R"({"sys":"S","conversations":[{"from":"human","value":"h"}]})";
    EXPECT_EQ(content(row, config).messages.at(0).content, "S");
    EXPECT_EQ(content(row).messages.size(), 1u);
}

TEST_F(RowFormatTest, SaysWhatDoesNotFitInARow) {
    const auto fault = [&](std::string_view first, std::string_view row) {
        const auto rows = openRows(write("rows.jsonl", std::string(first) + "\n" + std::string(row)));
        const ColumnMapping mapping = detectFormat(*rows, {});
        return messageOf(ErrorCode::BadFile, [&] { readContent(rows->row(1), mapping); });
    };
    const std::string_view text = R"({"text":"a"})", messages = R"({"messages":[{"role":"user","content":"a"}]})",
                           shareGpt = R"({"conversations":[{"from":"human","value":"a"}]})";
    EXPECT_THAT(fault(text, R"({"other":1})"), HasSubstr("'text' is missing"));
    EXPECT_THAT(fault(text, R"({"text":["a"]})"), HasSubstr("'text' must be text, it is a list"));
    EXPECT_THAT(fault(messages, R"({"messages":"a"})"), HasSubstr("must be a list, they are text"));
    EXPECT_THAT(fault(messages, R"({"messages":["a"]})"), HasSubstr("must be an object, this one is text"));
    EXPECT_THAT(fault(messages, R"({"messages":[{"role":"user"}]})"), HasSubstr("'content' is missing"));
    EXPECT_THAT(fault(messages, R"({"messages":[{"role":"user","content":[{"type":1,"text":"a"}]}]})"),
                HasSubstr("a part that is no text"));
    EXPECT_THAT(fault(messages, R"({"messages":[{"role":"a","content":null,"tool_calls":[{"id":1}]}]})"),
                HasSubstr("calls tools"));
    EXPECT_THAT(fault(shareGpt, R"({"conversations":[{"from":"parrot","value":"a"}]})"), HasSubstr("'parrot'"));
}

} // namespace
} // namespace lorikeet
