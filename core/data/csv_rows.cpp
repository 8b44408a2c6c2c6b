// SPDX-License-Identifier: GPL-3.0-or-later
#include <csv.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "core/data/mapped_rows.h"

namespace lorikeet {

namespace {

/// The fields of one record, by libcsv.
class CsvFields {
public:
    explicit CsvFields(char delimiter) {
        if (csv_init(&m_parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
            fail(ErrorCode::OutOfMemory, "CSV: the parser cannot be made");
        csv_set_delim(&m_parser, static_cast<unsigned char>(delimiter));
        // RFC 4180: spaces are part of a field.
        csv_set_space_func(&m_parser, [](unsigned char) { return 0; });
    }
    ~CsvFields() { csv_free(&m_parser); }
    CsvFields(const CsvFields&) = delete;
    CsvFields& operator=(const CsvFields&) = delete;

    /// Throws BadFile without a place.
    std::vector<std::string> parse(std::string_view record) {
        if (csv_parse(&m_parser, record.data(), record.size(), &addField, &endRecord, this) != record.size() ||
            csv_fini(&m_parser, &addField, &endRecord, this) != 0) {
            if (csv_error(&m_parser) != CSV_EPARSE)
                fail(ErrorCode::OutOfMemory, "CSV: no memory for a row of {} bytes", record.size());
            fail(ErrorCode::BadFile, "malformed CSV: a quote is not closed, or stands within a field without being "
                                     "doubled");
        }
        if (m_records > 1)
            fail(ErrorCode::BadFile, "malformed CSV: a carriage return stands within a field without quotes");
        return std::move(m_fields);
    }

private:
    static void addField(void* text, std::size_t length, void* self) {
        static_cast<CsvFields*>(self)->m_fields.emplace_back(static_cast<const char*>(text), length);
    }
    static void endRecord(int, void* self) { ++static_cast<CsvFields*>(self)->m_records; }

    csv_parser m_parser{};
    std::vector<std::string> m_fields;
    int m_records = 0;
};

class CsvRows final : public MappedRows {
public:
    CsvRows(std::unique_ptr<MappedFile> file, char delimiter) : MappedRows(std::move(file)), m_delimiter(delimiter) {
        std::size_t begin = 0;
        while (begin < text().size() && isBlank(begin, endOfRecord(begin)))
            begin = endOfRecord(begin);
        const std::size_t headerEnd = endOfRecord(begin);
        readHeader(begin, headerEnd);
        for (begin = headerEnd; begin < text().size();) {
            const std::size_t end = endOfRecord(begin);
            if (!isBlank(begin, end))
                addRow(begin);
            passed(end);
            begin = end;
        }
        finishIndex();
    }

    Row row(int64_t index) const override {
        const std::size_t begin = start(index);
        std::vector<std::string> fields = parse(begin, endOfRecord(begin));
        if (fields.size() != m_header.size())
            failAt(begin, "the row has {} fields, the header names {} columns", fields.size(), m_header.size());
        Row result = Row::object();
        for (std::size_t i = 0; i < fields.size(); ++i)
            result[m_header[i]] = std::move(fields[i]);
        return result;
    }

private:
    /// Past the line break that ends the record: the first one after an even number of quotes. In well-formed CSV those
    /// are the breaks outside of quotes; anything else fails when the record is parsed.
    std::size_t endOfRecord(std::size_t begin) const {
        bool quoted = false;
        for (std::size_t i = begin; i < text().size(); ++i) {
            if (text()[i] == '"')
                quoted = !quoted;
            else if (text()[i] == '\n' && !quoted)
                return i + 1;
        }
        return text().size();
    }

    bool isBlank(std::size_t begin, std::size_t end) const {
        return text().substr(begin, end - begin).find_first_not_of("\r\n") == std::string_view::npos;
    }

    std::vector<std::string> parse(std::size_t begin, std::size_t end) const {
        const std::string_view record = text().substr(begin, end - begin);
        if (record.size() > std::size_t(kLargestRowBytes))
            failAt(begin, "the row has {} bytes, at most {} are read (is a quote left open?)", record.size(),
                   kLargestRowBytes);
        if (record.find('\0') != std::string_view::npos)
            failAt(begin, "the row holds a NUL character");
        if (!simdjson::validate_utf8(record.data(), record.size()))
            failAt(begin, "the row is not UTF-8: save the file in that encoding");
        try {
            return CsvFields(m_delimiter).parse(record);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadFile)
                throw;
            failAt(begin, "{}", error.message());
        }
    }

    void readHeader(std::size_t begin, std::size_t end) {
        if (begin == end)
            fail(ErrorCode::BadFile, "{}: it holds no rows", path().filename().string());
        m_header = parse(begin, end);
        std::vector<std::string> sorted = m_header;
        std::sort(sorted.begin(), sorted.end());
        if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
            failAt(begin, "the header names the column '{}' twice", twice->substr(0, 64));
    }

    char m_delimiter;
    std::vector<std::string> m_header;
};

} // namespace

std::unique_ptr<RowReader> openCsv(std::unique_ptr<MappedFile> file, char delimiter) {
    return std::make_unique<CsvRows>(std::move(file), delimiter);
}

} // namespace lorikeet
