// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "core/data/json_text.h"
#include "core/data/mapped_rows.h"

namespace lorikeet {

namespace {

class JsonLinesRows final : public MappedRows {
public:
    explicit JsonLinesRows(std::unique_ptr<MappedFile> file) : MappedRows(std::move(file)) {
        for (std::size_t begin = 0; begin < text().size();) {
            const std::size_t end = endOfLine(begin);
            if (skipJsonSpace(text().substr(0, end), begin) < end)
                addRow(begin);
            begin = end + 1;
            passed(std::min(begin, text().size()));
        }
        finishIndex();
    }

    Row row(int64_t index) const override {
        const std::size_t begin = start(index), end = endOfLine(begin);
        if (end - begin > std::size_t(kLargestRowBytes))
            failAt(begin, "the row has {} bytes, at most {} are read", end - begin, kLargestRowBytes);
        try {
            return parseJsonObject(text().substr(begin, end - begin));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadFile)
                throw;
            failAt(begin, "{}{}", error.message(),
                   end == text().size() ? " (the file ends within this line: was it cut off?)" : "");
        }
    }

private:
    std::size_t endOfLine(std::size_t begin) const { return std::min(text().find('\n', begin), text().size()); }
};

} // namespace

std::unique_ptr<RowReader> openJsonLines(std::unique_ptr<MappedFile> file) {
    return std::make_unique<JsonLinesRows>(std::move(file));
}

} // namespace lorikeet
