// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/row_reader.h"

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class RowReaderTest : public testing::Test {
protected:
    std::filesystem::path write(const std::string& name, std::string_view content) {
        std::ofstream(m_folder / name, std::ios::binary) << content;
        return m_folder / name;
    }
    std::vector<Row> readAll(const std::filesystem::path& path) {
        const auto reader = openRows(path);
        std::vector<Row> rows;
        for (int64_t i = 0; i < reader->rowCount(); ++i)
            rows.push_back(reader->row(i));
        return rows;
    }
    std::vector<Row> rowsOf(const std::string& name, std::string_view content) { return readAll(write(name, content)); }

    /// The message of the BadFile that reading all rows throws.
    std::string fault(const std::string& name, std::string_view content) {
        try {
            rowsOf(name, content);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::BadFile) << error.message();
            return error.message();
        }
        return "no error";
    }

    TemporaryFolder m_folder;
};

TEST_F(RowReaderTest, ReadsJsonLinesWithBlankLinesCarriageReturnsAndByteOrderMark) {
    const auto rows = rowsOf("a.jsonl", "\xef\xbb\xbf{\"text\":\"one\"}\r\n\n  \n{\"text\":\"two\\n\\u00e9\"}");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["text"], "one");
    EXPECT_EQ(rows[1]["text"], "two\n\u00e9");
}

TEST_F(RowReaderTest, KeepsColumnsInTheOrderOfTheFile) {
    const std::string text = "{\"z\":1,\"a\":[true,null,{\"k\":-2.5}],\"m\":18446744073709551615}";
    EXPECT_EQ(rowsOf("a.jsonl", text)[0].dump(), text);
}

TEST_F(RowReaderTest, ReadsAnArrayAndTheArrayWithinAnObject) {
    const std::string rowText = "[{\"t\":\"]\\\"[\"},\n {\"t\":\"b\"} ]\n";
    for (const std::string& text : {rowText, "{\"version\":\"1\",\"data\":" + rowText + ",\"labels\":[1]}",
                                    "{\"n\":{\"x\":[1]},\"rows\":" + rowText + "}"}) {
        const auto rows = rowsOf("a.json", text);
        ASSERT_EQ(rows.size(), 2u) << text;
        EXPECT_EQ(rows[0]["t"], "]\"[");
        EXPECT_EQ(rows[1]["t"], "b");
    }
}

TEST_F(RowReaderTest, ReadsAJsonFileThatHoldsOneObjectALineAsJsonLines) {
    EXPECT_EQ(rowsOf("a.json", "{\"t\":1}\n{\"t\":2}\n").size(), 2u);
    EXPECT_EQ(rowsOf("a.json", "\xef\xbb\xbf{\"t\":1}\n{\"t\":2}\n").size(), 2u);
}

TEST_F(RowReaderTest, TellsTheLineOfARow) {
    const auto reader = openRows(write("a.jsonl", "\n{\"t\":1}\n\n\n{\"t\":2}\n"));
    EXPECT_EQ(reader->line(0), 2);
    EXPECT_EQ(reader->line(1), 5);
    EXPECT_EQ(reader->place(1), "a.jsonl: line 5");
}

TEST_F(RowReaderTest, CsvKeepsSpacesQuotesLineBreaksAndEmptyFields) {
    const auto rows = rowsOf("a.csv", "\xef\xbb\xbf a,b ,\r\n\" x\"\"y\r\n\", z ,\r\n\r\n\"\",,\"\n\"");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].dump(), "{\" a\":\" x\\\"y\\r\\n\",\"b \":\" z \",\"\":\"\"}");
    EXPECT_EQ(rows[1].dump(), "{\" a\":\"\",\"b \":\"\",\"\":\"\\n\"}");
}

TEST_F(RowReaderTest, TsvSeparatesByTabs) {
    EXPECT_EQ(rowsOf("a.tsv", "a\tb\n1,2\t\"3\t4\"\n")[0].dump(), "{\"a\":\"1,2\",\"b\":\"3\\t4\"}");
}

TEST_F(RowReaderTest, ReadsCsvSpectrumAsItsJsonTwinsSay) {
    SKIP_WITHOUT_TEST_DATA("csv");
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(testDataFolder() / "csv" / "csvs")) {
        const std::string name = entry.path().stem().string();
        std::ifstream input(entry.path(), std::ios::binary);
        std::string text(std::istreambuf_iterator<char>(input), {});
        // Version control may have turned the line breaks of these files into plain ones.
        if (name.ends_with("_crlf") && text.find('\r') == std::string::npos)
            for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
                text.insert(at, 1, '\r');
        std::ifstream twin(testDataFolder() / "csv" / "json" / (name + ".json"));
        const auto expected = Row::parse(twin);
        EXPECT_EQ(Row(rowsOf(name + ".csv", text)), expected) << name;
        ++files;
    }
    EXPECT_GE(files, 11);
}

TEST_F(RowReaderTest, ReadsRealDataAsAnotherParserDoes) {
    SKIP_WITHOUT_TEST_DATA("gsm8k");
    const auto rows = readAll(testDataFolder() / "gsm8k" / "train.jsonl");
    ASSERT_EQ(rows.size(), 7473u);
    std::ifstream lines(testDataFolder() / "gsm8k" / "train.jsonl");
    std::string line;
    for (const Row& row : rows) {
        ASSERT_TRUE(std::getline(lines, line));
        ASSERT_EQ(row, Row::parse(line));
    }
    for (const auto& [name, count] : {std::pair("alpaca/alpaca_en_demo.json", 999u),
                                      {"sharegpt/dummy_conversation.json", 500u},
                                      {"self_instruct/seed_tasks.jsonl", 175u},
                                      {"vicuna/question.jsonl", 80u}})
        EXPECT_EQ(readAll(testDataFolder() / name).size(), count) << name;
    std::ifstream array(testDataFolder() / "alpaca" / "alpaca_en_demo.json");
    EXPECT_EQ(Row(readAll(testDataFolder() / "alpaca" / "alpaca_en_demo.json")), Row::parse(array));
}

TEST_F(RowReaderTest, NamesFileLineAndFaultOfMalformedJson) {
    const std::string good = "{\"t\":1}\n";
    const auto second = StartsWith("a.jsonl: line 2: ");
    EXPECT_THAT(fault("a.jsonl", good + "{\"t\":}\n"), second);
    EXPECT_THAT(fault("a.jsonl", good + "{\"t\":\"cut of"), AllOf(second, HasSubstr("was it cut off?")));
    EXPECT_THAT(fault("a.jsonl", good + "[1]\n"), AllOf(second, HasSubstr("this one is a list")));
    EXPECT_THAT(fault("a.jsonl", good + "17\n"), AllOf(second, HasSubstr("this one is a number")));
    EXPECT_THAT(fault("a.jsonl", good + std::string("{\"t\":\"a\0b\"}", 11)), AllOf(second, HasSubstr("NUL")));
    EXPECT_THAT(fault("a.jsonl", good + "{\"t\":\"\xff\"}"), AllOf(second, HasSubstr("UTF-8")));
    EXPECT_THAT(fault("a.jsonl", good + "{\"t\":1} {\"t\":2}\n"), second);
}

TEST_F(RowReaderTest, RefusesHalvesOfSurrogatePairs) {
    for (const char* half : {"\\ud800", "\\udc00", "\\ud800x", "\\ud800\\ud800", "x\\udfff"}) {
        const std::string message = fault("a.jsonl", "{\"t\":\"" + std::string(half) + "\"}\n");
        EXPECT_THAT(message, StartsWith("a.jsonl: line 1: ")) << half;
    }
    EXPECT_EQ(rowsOf("a.jsonl", "{\"t\":\"\\ud83d\\ude00\"}")[0]["t"], "\U0001f600");
}

TEST_F(RowReaderTest, RefusesDeepNestingInBoundedTime) {
    const std::string deep = "{\"t\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
    EXPECT_THAT(fault("a.jsonl", deep), HasSubstr("too deeply"));
    EXPECT_THAT(fault("a.json", "[" + deep + "]"), HasSubstr("too deeply"));
    EXPECT_THAT(fault("b.json", std::string(1'000'000, '[')), HasSubstr("cut off"));
}

TEST_F(RowReaderTest, RefusesARowThatIsTooLarge) {
    const std::string huge(std::size_t(kLargestRowBytes), 'x');
    EXPECT_THAT(fault("a.jsonl", "{\"t\":\"" + huge + "\"}"), HasSubstr("at most 67108864 are read"));
    EXPECT_THAT(fault("a.json", "[{\"t\":\"" + huge + "\"}]"), HasSubstr("at most 67108864 are read"));
    EXPECT_THAT(fault("a.csv", "t\n\"" + huge), HasSubstr("at most 67108864 are read"));
}

TEST_F(RowReaderTest, NamesTheFaultOfAMalformedArray) {
    EXPECT_THAT(fault("a.json", "[{\"t\":1},\n{\"t\":2}"), AllOf(HasSubstr("a.json: line 2: "), HasSubstr("cut off")));
    EXPECT_THAT(fault("a.json", "[{\"t\":1}\n{\"t\":2}]"), AllOf(HasSubstr("line 2: "), HasSubstr("','")));
    EXPECT_THAT(fault("a.json", "[{\"t\":1},\n]"), AllOf(HasSubstr("line 2: "), HasSubstr("missing")));
    EXPECT_THAT(fault("a.json", "[{\"t\":1}]\n]"), AllOf(HasSubstr("line 2: "), HasSubstr("more text follows")));
    EXPECT_THAT(fault("a.json", "[{\"t\":1}, 3]"), HasSubstr("this one is a number"));
    EXPECT_THAT(fault("a.json", "{\"a\":[{}],\"b\":[{}]}"), HasSubstr("which holds the rows?"));
    EXPECT_THAT(fault("a.json", "{\"a\":1}"), HasSubstr("no list of rows"));
    EXPECT_THAT(fault("a.json", "hello"), HasSubstr("must begin here with '['"));
}

TEST_F(RowReaderTest, NamesFileLineAndFaultOfMalformedCsv) {
    EXPECT_THAT(fault("a.csv", "a,b\n1,2\n\"open,3\n4,5\n"), AllOf(StartsWith("a.csv: line 3: "), HasSubstr("quote")));
    EXPECT_THAT(fault("a.csv", "a,b\n1,x\"y\"\n"), AllOf(StartsWith("a.csv: line 2: "), HasSubstr("quote")));
    EXPECT_THAT(fault("a.csv", "a,b\n1,\"y\"z\n"), AllOf(StartsWith("a.csv: line 2: "), HasSubstr("quote")));
    EXPECT_THAT(fault("a.csv", std::string("a,b\n1,\0\n", 8)), AllOf(StartsWith("a.csv: line 2: "), HasSubstr("NUL")));
    EXPECT_THAT(fault("a.csv", "a,b\n1,\"x\n\"\n1,2,3\n"),
                AllOf(StartsWith("a.csv: line 4: "), HasSubstr("3 fields"), HasSubstr("2 columns")));
    EXPECT_THAT(fault("a.csv", "a,b\n1,\xe9\n"), HasSubstr("not UTF-8"));
    EXPECT_THAT(fault("a.csv", "a,b\r1,2\r\n3,4\n"), HasSubstr("carriage return"));
    EXPECT_THAT(fault("a.csv", "a,a\n1,2\n"), HasSubstr("'a' twice"));
}

TEST_F(RowReaderTest, RefusesFilesWithoutRows) {
    for (const char* name : {"a.jsonl", "a.json", "a.csv"}) {
        EXPECT_THAT(fault(name, ""), HasSubstr("it holds no rows")) << name;
        EXPECT_NE(fault(name, " \n"), "no error") << name;
    }
    EXPECT_THAT(fault("a.json", "[]"), HasSubstr("it holds no rows"));
    EXPECT_THAT(fault("a.csv", "a,b\n"), HasSubstr("it holds no rows"));
}

TEST_F(RowReaderTest, RefusesOtherKindsOfFileWithAdvice) {
    EXPECT_THAT(fault("a.parquet", "PAR1"), HasSubstr("to_json"));
    EXPECT_THAT(fault("a.jsonl", "PAR1xxxx"), HasSubstr("Parquet"));
    EXPECT_THAT(fault("a.pkl", "x"), HasSubstr("pickle can run programs"));
    EXPECT_THAT(fault("a.bin", "x"), HasSubstr("pickle can run programs"));
    EXPECT_THAT(fault("a.pth", "x"), HasSubstr("pickle can run programs"));
    EXPECT_THAT(fault("a.jsonl", "\x80\x04\x95"), HasSubstr("pickle can run programs"));
    EXPECT_THAT(fault("a.jsonl.gz", "\x1f\x8b"), HasSubstr("gunzip"));
    EXPECT_THAT(fault("a.xlsx", "PK\x03\x04"), HasSubstr("save the table as CSV"));
    EXPECT_THAT(fault("a.json", "version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git lfs pull"));
    EXPECT_THAT(fault("a.csv", "\xff\xfe\x61"), HasSubstr("UTF-16"));
    EXPECT_THAT(fault("a.txt", "hello"), HasSubstr(".jsonl"));
}

TEST_F(RowReaderTest, TellsAMissingFileFromABadOne) {
    try {
        openRows(m_folder / "missing.jsonl");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::NotFound);
        EXPECT_THAT(error.message(), HasSubstr("missing.jsonl"));
    }
    EXPECT_THROW(openRows(m_folder.path()), Error);
}

TEST_F(RowReaderTest, AFileThatIsCutOffWhileItIsOpenIsRefusedRatherThanRead) {
    const std::string padding(20'000, 'x');
    for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
             {"a.jsonl", "{\"text\":\"" + padding + "\"}\n{\"text\":\"b\"}\n"},
             {"a.json", "[{\"text\":\"" + padding + "\"},{\"text\":\"b\"}]"},
             {"a.csv", "text\n" + padding + "\nb\n"}}) {
        const auto reader = openRows(write(name, content));
        EXPECT_EQ(reader->row(1)["text"], "b");
        std::filesystem::resize_file(m_folder / name, 10);
        for (int64_t row = 0; row < 2; ++row) {
            try {
                reader->row(row);
                ADD_FAILURE() << name;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::BadFile);
                EXPECT_THAT(error.message(), HasSubstr(name + ": the file has become shorter"));
            }
        }
    }
}

} // namespace
} // namespace lorikeet
