// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/cli_fixture.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace lorikeet {

std::filesystem::path CliTest::newScratch() {
    const std::filesystem::path scratch = m_folder / ("child" + std::to_string(m_children++));
    std::filesystem::create_directory(scratch);
    return scratch;
}

ChildResult CliTest::runShell(const std::string& line) {
    const std::string before = "export LORIKEET_DATA_DIR='" + (m_folder / "data").string() +
                               "'; cli=" LORIKEET_BINARY_DIR "/bin/lorikeet-cli; ";
    return Child({"/bin/bash", "-c", before + line}, newScratch(), {}).wait();
}

std::unique_ptr<Child> CliTest::start(std::vector<std::string> words, std::string_view input) {
    if (std::find(words.begin(), words.end(), "--threads") == words.end())
        words.insert(words.begin(), {"--threads", "2"});
    words.insert(words.begin(), {LORIKEET_BINARY_DIR "/bin/lorikeet-cli", "--data-dir", (m_folder / "data").string()});
    return std::make_unique<Child>(words, newScratch(), input);
}

std::string CliTest::writeFile(const std::string& name, const std::string& content) {
    const std::filesystem::path path = m_folder / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
}

std::string CliTest::writeRun(const Json& change) {
    Json run = {{"name", "small"},
                {"model", modelPath()},
                {"data", {{"train", writeFile("rows.jsonl", R"({"prompt": "What is blue?", "completion": "The sky."}
{"prompt": "What is green?", "completion": "The grass is."}
{"prompt": "What is red?", "completion": "A rose, sometimes."}
{"prompt": "What is white?", "completion": "Snow."}
{"prompt": "What is black?", "completion": "The night is black."}
)")}}},
                {"training",
                 {{"max_steps", 3}, {"batch_size", 2}, {"gradient_accumulation_steps", 1}, {"learning_rate", 5e-3}}},
                {"every", {{"eval", 0}, {"sample", 0}, {"save", 0}}}};
    run.merge_patch(change);
    return writeFile("run.json", run.dump());
}

std::vector<Json> CliTest::train(const std::vector<std::string>& more) {
    std::vector<std::string> words{"train", writeRun(), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const ChildResult result = run(words);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return jsonLines(result.out);
}

std::vector<Json> jsonLines(const std::string& text) {
    std::vector<Json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(Json::parse(line, nullptr, false));
        EXPECT_FALSE(lines.back().is_discarded()) << line;
    }
    return lines;
}

std::vector<std::string> keysOf(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& item : object.items())
        keys.push_back(item.key());
    return keys;
}

namespace {

Json errorOf(const ChildResult& result) {
    const std::vector<Json> lines = jsonLines(result.out);
    if (lines.size() != 1 || !lines[0].contains("error")) {
        ADD_FAILURE() << "no single error line: " << result.out << result.err;
        return {{"code", ""}, {"message", ""}};
    }
    const Json& error = lines[0]["error"];
    EXPECT_EQ(keysOf(error), (std::vector<std::string>{"code", "message"}));
    EXPECT_EQ(result.err, "lorikeet-cli: " + error["message"].get<std::string>() + "\n");
    return error;
}

} // namespace

std::string errorCodeOf(const ChildResult& result) {
    return errorOf(result)["code"];
}

std::string errorMessageOf(const ChildResult& result) {
    return errorOf(result)["message"];
}

} // namespace lorikeet
