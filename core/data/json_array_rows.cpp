// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "core/data/json_text.h"
#include "core/data/mapped_rows.h"

namespace lorikeet {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

class JsonArrayRows final : public MappedRows {
public:
    explicit JsonArrayRows(std::unique_ptr<MappedFile> file) : MappedRows(std::move(file)) {
        const std::size_t begin = skipJsonSpace(text(), 0);
        if (begin == text().size())
            fail(ErrorCode::BadFile, "{}: it holds no rows", path().filename().string());
        std::size_t end = kNone;
        if (text()[begin] == '[')
            end = indexArray(begin);
        else if (text()[begin] == '{')
            end = indexMember(begin);
        else
            failAt(begin, "a list of rows must begin here with '['");
        end = skipJsonSpace(text(), end);
        if (end < text().size())
            failAt(end, "the list of rows has ended, but more text follows");
        finishIndex();
    }

    Row row(int64_t index) const override {
        const std::size_t begin = start(index);
        const std::size_t length = endOfJsonValue(text(), begin) - begin;
        if (length > std::size_t(kLargestRowBytes))
            failAt(begin, "the row has {} bytes, at most {} are read", length, kLargestRowBytes);
        try {
            return parseJsonObject(text().substr(begin, length));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadFile)
                throw;
            failAt(begin, "{}", error.message());
        }
    }

private:
    std::size_t valueEnd(std::size_t begin) const {
        const std::size_t end = endOfJsonValue(text(), begin);
        if (end == kNone || end == text().size())
            failAt(begin, "the file ends within what begins here: was it cut off?");
        if (end == begin)
            failAt(begin, "malformed JSON: a value is missing before '{}'", text().substr(begin, 1));
        return end;
    }

    /// What separates two elements, or ends them. True where another one follows; `at` is past it.
    bool another(std::size_t& at, char closing) const {
        at = skipJsonSpace(text(), at);
        if (at == text().size())
            failAt(at, "the file ends before '{}' : was it cut off?", closing);
        const char c = text()[at];
        if (c != ',' && c != closing)
            failAt(at, "malformed JSON: ',' or '{}' must stand here", closing);
        at = skipJsonSpace(text(), at + 1);
        return c == ',';
    }

    /// Adds the elements of the array as rows; the offset past it.
    std::size_t indexArray(std::size_t begin) {
        std::size_t at = skipJsonSpace(text(), begin + 1);
        if (at < text().size() && text()[at] == ']')
            return at + 1;
        do {
            const std::size_t end = valueEnd(at);
            addRow(at);
            passed(end);
            at = end;
        } while (another(at, ']'));
        return at;
    }

    /// Finds the member that is the list of rows, "data" before others, and adds its elements; the object's end.
    std::size_t indexMember(std::size_t begin) {
        std::size_t rows = kNone, lists = 0, at = skipJsonSpace(text(), begin + 1);
        bool isData = false;
        if (at < text().size() && text()[at] == '}')
            failAt(begin, "the object has no list of rows in it");
        do {
            const std::size_t keyEnd = valueEnd(at);
            const std::string_view key = text().substr(at, keyEnd - at);
            at = skipJsonSpace(text(), keyEnd);
            if (key.front() != '"' || at == text().size() || text()[at] != ':')
                failAt(keyEnd, "malformed JSON: a name and ':' must stand here");
            at = skipJsonSpace(text(), at + 1);
            const std::size_t end = valueEnd(at);
            if (text()[at] == '[' && !isData) {
                isData = key == "\"data\"";
                lists += 1;
                rows = at;
            }
            at = end;
        } while (another(at, '}'));
        if (rows == kNone)
            failAt(begin, "the object has no list of rows in it");
        if (lists > 1 && !isData)
            failAt(begin, "the object has {} lists and none is named \"data\": which holds the rows?", lists);
        indexArray(rows);
        return at;
    }
};

} // namespace

std::unique_ptr<RowReader> openJsonArray(std::unique_ptr<MappedFile> file) {
    return std::make_unique<JsonArrayRows>(std::move(file));
}

bool looksLikeJsonLines(std::string_view text) {
    const std::size_t begin = skipJsonSpace(text, 0);
    if (begin == text.size() || text[begin] != '{')
        return false;
    const std::size_t end = endOfJsonValue(text, begin);
    return end != kNone && skipJsonSpace(text, end) < text.size();
}

} // namespace lorikeet
