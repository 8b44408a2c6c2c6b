// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as each kind of dataset: rows are read and understood, or refused with an Error.
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

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    const std::filesystem::path folder = std::filesystem::temp_directory_path();
    const std::string name = "lorikeet-fuzz-" + std::to_string(getpid());
    std::filesystem::path path = folder / name;
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), std::streamsize(size));
    for (const char* extension : kExtensions) {
        const std::filesystem::path renamed = folder / (name + extension);
        std::filesystem::rename(path, renamed);
        path = renamed;
        try {
            readRows(path);
        } catch (const Error&) {
            // Refused, as it should be.
        }
    }
    std::filesystem::remove(path);
    return 0;
}
