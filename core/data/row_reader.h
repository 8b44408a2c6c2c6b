// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet {

/// A row: a JSON object, its columns in the file's order. Values of CSV are strings.
using Row = nlohmann::ordered_json;

/// A row larger than this is refused.
inline constexpr int64_t kLargestRowBytes = int64_t(64) << 20;

/// A dataset's file, opened: it is memory-mapped, its rows are found once and parsed when asked for. Opening costs one
/// pass over the bytes and eight bytes of memory a row.
///
/// Every fault is BadFile with file and line: "train.jsonl: line 17: ...". row() may be called from any thread.
class RowReader {
public:
    virtual ~RowReader() = default;

    virtual const std::filesystem::path& path() const = 0;
    virtual int64_t rowCount() const = 0;
    /// Row `index`, counted from 0. Throws BadFile where its text is malformed or no object, or where the file has
    /// become shorter since.
    virtual Row row(int64_t index) const = 0;
    /// The line of the file, counted from 1, where the row begins. Costs a pass over the file up to there.
    virtual int64_t line(int64_t index) const = 0;
    /// "train.jsonl: line 17", for messages about a row.
    std::string place(int64_t index) const;
};

/// Opens JSON Lines, JSON (an array of objects, or an object one member of which is that array: "data" or the only one)
/// or CSV (RFC 4180 with a header line; tab-separated where the name ends in .tsv). The name's ending decides, except
/// that a .json file that holds one object a line is read as JSON Lines. Other kinds, such as Parquet, pickles and
/// compressed files, are refused with what to do instead.
std::unique_ptr<RowReader> openRows(const std::filesystem::path& path);

} // namespace lorikeet
