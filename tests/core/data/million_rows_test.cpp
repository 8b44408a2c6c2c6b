// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/data/row_reader.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

constexpr int64_t kRows = 1'000'000;

// ThreadSanitizer keeps a shadow of each byte that is touched, the mapped file's too: what the process holds then says
// nothing of the reader.
#ifdef __SANITIZE_THREAD__
constexpr bool kMemoryCanBeMeasured = false;
#else
constexpr bool kMemoryCanBeMeasured = true;
#endif

int64_t residentMegabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmRSS:" && status >> word)
            return std::stoll(word) / 1024;
    return 0;
}

struct Kind {
    const char* name;
    const char *begin, *rowBegin, *middle, *rowEnd, *between, *end;
};

constexpr Kind kKinds[] = {
    {"rows.jsonl", "", R"({"question":"How much is )", R"( plus one, \"exactly\"?","answer":")", R"("})", "\n", "\n"},
    {"rows.json", "[\n", R"({"question":"How much is )", R"( plus one, \"exactly\"?","answer":")", R"("})", ",\n",
     "\n]\n"},
    {"rows.csv", "question,answer\r\n", "\"How much is ", " plus one, \"\"exactly\"\"?\",", "", "\r\n", "\r\n"},
};

class MillionRows : public testing::TestWithParam<Kind> {};

TEST_P(MillionRows, OpenQuicklyAndWithoutHoldingThemInMemory) {
    const Kind& kind = GetParam();
    const TemporaryFolder folder;
    {
        std::ofstream file(folder / kind.name, std::ios::binary);
        file << kind.begin;
        for (int64_t i = 0; i < kRows; ++i)
            file << (i ? kind.between : "") << kind.rowBegin << i << kind.middle << i + 1 << kind.rowEnd;
        file << kind.end;
    }
    const int64_t before = residentMegabytes();
    const auto begin = std::chrono::steady_clock::now();
    const auto reader = openRows(folder / kind.name);
    const auto opened = std::chrono::steady_clock::now();
    ASSERT_EQ(reader->rowCount(), kRows);
    for (int64_t i = 0; i < kRows; i += 9973) {
        const Row row = reader->row(i);
        ASSERT_EQ(row["question"], "How much is " + std::to_string(i) + " plus one, \"exactly\"?");
        ASSERT_EQ(row["answer"], std::to_string(i + 1));
    }
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(opened - begin).count();
    const int64_t growth = residentMegabytes() - before;
    RecordProperty("open_ms", int(milliseconds));
    RecordProperty("growth_mb", int(growth));
    // Measured is about a tenth of a second; a busy machine or a sanitizer takes longer.
    EXPECT_LT(milliseconds, 5000);
    if (kMemoryCanBeMeasured) {
        EXPECT_LT(growth, 100);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, MillionRows, testing::ValuesIn(kKinds),
                         [](const auto& information) { return std::string(information.param.name).substr(5); });

} // namespace
} // namespace lorikeet
