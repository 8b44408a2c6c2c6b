// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/row_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "core/base/error.h"
#include "core/data/mapped_rows.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

struct RefusedKind {
    std::string_view beginning; ///< the file's first bytes
    std::string_view extensions;
    std::string_view advice;
};

constexpr std::string_view kAllowed = "a dataset is JSON Lines (.jsonl), JSON (.json) or CSV (.csv, .tsv)";

/// An extension is followed by a space here, so that ".pt" is not found in ".pth".
constexpr std::array kRefused = {
    RefusedKind{"PAR1", ".parquet ",
                "Parquet is not read yet: convert it, for example with pandas: "
                "read_parquet(...).to_json('rows.jsonl', orient='records', lines=True)"},
    RefusedKind{"ARROW1", ".arrow .feather ",
                "Arrow is not read yet: save the dataset as JSON Lines, for example with "
                "datasets: Dataset.to_json('rows.jsonl')"},
    RefusedKind{"\x80", ".pkl .pickle .pt .pth .bin ",
                "a pickle can run programs when it is opened, so it never is: save its rows as JSON Lines from the "
                "program that made it"},
    RefusedKind{"\x1f\x8b", ".gz .tgz ", "it is compressed: unpack it first with gunzip"},
    RefusedKind{"\x28\xb5\x2f\xfd", ".zst ", "it is compressed: unpack it first with unzstd"},
    RefusedKind{"PK\x03\x04", ".zip .xlsx .ods ",
                "it is an archive or a spreadsheet: unpack it, or save the table as CSV"},
    RefusedKind{"version https://git-lfs", "",
                "it is a Git LFS pointer, not the data: fetch the file with git lfs pull"},
    RefusedKind{"\xff\xfe", "", "it is UTF-16: save it as UTF-8"},
    RefusedKind{"\xfe\xff", "", "it is UTF-16: save it as UTF-8"},
};

std::string lowerExtension(const fs::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return extension;
}

void refuseOtherKinds(const fs::path& path, const std::string& extension, std::string_view text) {
    for (const RefusedKind& kind : kRefused) {
        const bool byName = !extension.empty() && kind.extensions.find(extension + " ") != std::string_view::npos;
        if (byName || text.starts_with(kind.beginning))
            fail(ErrorCode::BadFile, "{}: {}; {}", path.filename().string(), kind.advice, kAllowed);
    }
}

} // namespace

std::string RowReader::place(int64_t index) const {
    return fmt::format("{}: line {}", path().filename().string(), line(index));
}

std::unique_ptr<RowReader> openRows(const fs::path& path) {
    if (!fs::exists(path))
        fail(ErrorCode::NotFound, "{}: there is no such file", path.string());
    if (!fs::is_regular_file(path))
        fail(ErrorCode::BadFile, "{}: this is no file; {}", path.string(), kAllowed);
    auto file = std::make_unique<MappedFile>(path);
    const std::string_view text(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
    const std::string extension = lowerExtension(path);
    refuseOtherKinds(path, extension, text);
    if (extension == ".jsonl" || extension == ".ndjson")
        return openJsonLines(std::move(file));
    if (extension == ".json")
        return looksLikeJsonLines(withoutByteOrderMark(text)) ? openJsonLines(std::move(file))
                                                              : openJsonArray(std::move(file));
    if (extension == ".csv")
        return openCsv(std::move(file), ',');
    if (extension == ".tsv")
        return openCsv(std::move(file), '\t');
    fail(ErrorCode::BadFile, "{}: the kind '{}' is not known; {}", path.filename().string(), extension, kAllowed);
}

} // namespace lorikeet
