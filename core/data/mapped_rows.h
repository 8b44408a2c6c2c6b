// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/row_reader.h"

namespace lorikeet {

/// What the readers of mapped files share: the text, where each row begins in it, and messages with the line.
class MappedRows : public RowReader {
public:
    explicit MappedRows(std::unique_ptr<MappedFile> file);

    const std::filesystem::path& path() const override { return m_file->path(); }
    int64_t rowCount() const override { return int64_t(m_starts.size()); }
    int64_t line(int64_t index) const override;

protected:
    /// The file without a leading byte order mark.
    std::string_view text() const { return m_text; }
    /// Throws BadFile where the file has become shorter.
    std::size_t start(int64_t index) const;
    int64_t lineAt(std::size_t offset) const;
    void addRow(std::size_t start) { m_starts.push_back(start); }
    /// For a pass from the front: gives back the pages before `offset`, now and then.
    void passed(std::size_t offset);
    /// After that pass. Throws BadFile where no row was found.
    void finishIndex();

    template <typename... Args>
    [[noreturn]] void failAt(std::size_t offset, fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorCode::BadFile, "{}: line {}: {}", path().filename().string(), lineAt(offset),
             fmt::vformat(format, fmt::make_format_args(args...)));
    }

private:
    std::unique_ptr<MappedFile> m_file;
    std::string_view m_text;
    std::vector<uint64_t> m_starts;
    std::size_t m_passed = 0;
};

std::unique_ptr<RowReader> openJsonLines(std::unique_ptr<MappedFile> file);
std::unique_ptr<RowReader> openJsonArray(std::unique_ptr<MappedFile> file);
std::unique_ptr<RowReader> openCsv(std::unique_ptr<MappedFile> file, char delimiter);

/// The text without a leading byte order mark.
std::string_view withoutByteOrderMark(std::string_view text);

/// Whether the text is more than one JSON value, the first an object: JSON Lines under another name.
bool looksLikeJsonLines(std::string_view text);

} // namespace lorikeet
