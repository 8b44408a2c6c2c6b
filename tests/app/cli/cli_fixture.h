// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/app/cli/child.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

using Json = nlohmann::ordered_json;

/// lorikeet-cli as a process, with a data folder of its own and a tiny model with a tokenizer and a chat template.
class CliTest : public testing::Test {
protected:
    static std::string modelPath() { return sourceFile("tests/data/jobs/model").string(); }

    /// Starts the program with these words; the data folder is named in front of them.
    std::unique_ptr<Child> start(std::vector<std::string> words, std::string_view input = {});
    ChildResult run(std::vector<std::string> words, std::string_view input = {}) {
        return start(std::move(words), input)->wait();
    }
    /// A shell runs this line; `$cli` in it is the program, and its data folder is this test's own.
    ChildResult runShell(const std::string& line);
    std::string writeFile(const std::string& name, const std::string& content);
    /// Three steps over five rows of questions and answers; `change` is merged into it.
    std::string writeRun(const Json& change = Json::object());
    /// Trains with --json and returns the lines; the exit code must be 0.
    std::vector<Json> train(const std::vector<std::string>& more = {});

    TemporaryFolder m_folder;

private:
    std::filesystem::path newScratch();

    int m_children = 0;
};

/// Every line of a text as JSON; a line that is none fails the test.
std::vector<Json> jsonLines(const std::string& text);
/// The keys of an object in their order.
std::vector<std::string> keysOf(const Json& object);
/// The code in the one line that an error prints with --json; it must stand on stderr in words, too.
std::string errorCodeOf(const ChildResult& result);
/// What an error says on stderr with --json.
std::string errorMessageOf(const ChildResult& result);

} // namespace lorikeet
