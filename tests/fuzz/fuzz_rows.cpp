// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a dataset: rows are read and understood, or refused with an Error.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/data/row_format.h"

namespace {

using namespace lorikeet;

constexpr std::array kExtensions{".jsonl", ".json", ".csv", ".tsv"};
constexpr int64_t kRowsRead = 100;

void readRows(const std::filesystem::path& path) {
    const auto rows = openRows(path);
    const ColumnMapping mapping = detectFormat(*rows, {});
    for (int64_t i = 0; i < std::min(rows->rowCount(), kRowsRead); ++i)
        readContent(rows->row(i), mapping);
}

} // namespace

/// The first byte chooses the kind of file, the rest is its content.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string name = "lorikeet-fuzz-" + std::to_string(getpid()) + kExtensions[data[0] % kExtensions.size()];
    const std::filesystem::path path = std::filesystem::temp_directory_path() / name;
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data) + 1, std::streamsize(size - 1));
    try {
        readRows(path);
    } catch (const Error&) {
        // Refused, as it should be.
    }
    return 0;
}
