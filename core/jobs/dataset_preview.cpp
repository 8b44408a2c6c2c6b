// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_preview.h"

#include <algorithm>
#include <mutex>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/jobs/file_stamp.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"

namespace lorikeet {
namespace {

constexpr int kLengthBins = 40;

std::string jsonText(const Row& value, int indent) {
    return value.dump(indent, ' ', false, Row::error_handler_t::replace);
}

std::vector<PreviewColumn> columnsOf(const Row& row) {
    std::vector<PreviewColumn> columns;
    for (const auto& [name, value] : row.items())
        columns.push_back({name, value.is_string() ? value.get<std::string>() : jsonText(value, -1)});
    return columns;
}

std::string joined(const std::vector<Piece>& pieces) {
    std::string text;
    for (const Piece& piece : pieces)
        text += piece.text;
    return text;
}

std::vector<ShownToken> shown(const Example& example, const Tokenizer& tokenizer, std::size_t from = 0,
                              std::size_t most = std::string::npos) {
    std::vector<ShownToken> tokens;
    for (std::size_t i = from; i < example.tokens.size() && tokens.size() < most; ++i) {
        const TokenId id = example.tokens[i];
        tokens.push_back({id, tokenizer.pieceBytes(id), example.trained[i] != 0, tokenizer.isSpecial(id)});
    }
    return tokens;
}

/// All that a mapping and a model make of the file. Never changed, so that a row can be made while it is replaced.
struct Setup {
    Setup(std::shared_ptr<const RowReader> rows, DataConfig wanted, std::shared_ptr<const ModelText> words)
        : config(std::move(wanted)), text(std::move(words)) {
        try {
            if (text)
                dataset.emplace(rows, config, *text->tokenizer, text->chatTemplate ? &*text->chatTemplate : nullptr);
            mapping = dataset ? dataset->mapping() : detectFormat(*rows, config);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadFile && error.code() != ErrorCode::BadConfig)
                throw;
            problem = error;
        }
    }

    const DataConfig config;
    const std::shared_ptr<const ModelText> text; ///< null: no model
    std::optional<Dataset> dataset;              ///< with a model and no problem
    std::optional<ColumnMapping> mapping;
    std::optional<Error> problem;
};

/// Takes what a report has more than the scan.
class ReportWriter {
public:
    explicit ReportWriter(DatasetReport& report) : m_report(report) {}

    void operator()(int64_t index, const ScannedRow& row) {
        if (row.skipped) {
            list(*row.skipped == SkipReason::Empty            ? m_report.empty
                 : *row.skipped == SkipReason::NothingTrained ? m_report.nothingTrained
                                                              : m_report.bad,
                 index);
            return;
        }
        if (row.truncated)
            list(m_report.truncated, index);
        if (row.fullLength > m_report.longestLength) {
            m_report.longestLength = row.fullLength;
            m_report.longestRow = index;
        }
        m_fingerprints.emplace_back(row.fingerprint, index);
    }

    void finish() {
        std::sort(m_fingerprints.begin(), m_fingerprints.end());
        std::vector<int64_t>& rows = m_report.duplicateRows;
        for (std::size_t i = 1; i < m_fingerprints.size(); ++i)
            if (m_fingerprints[i].first == m_fingerprints[i - 1].first)
                rows.push_back(m_fingerprints[i].second);
        m_report.duplicates = int64_t(rows.size());
        std::sort(rows.begin(), rows.end());
        rows.resize(std::min(rows.size(), DatasetReport::kListedRows));
        m_report.lengths = lengthHistogram(m_report.scan.fullLengths, kLengthBins);
    }

private:
    static void list(std::vector<int64_t>& rows, int64_t index) {
        if (rows.size() < DatasetReport::kListedRows)
            rows.push_back(index);
    }

    DatasetReport& m_report;
    std::vector<std::pair<uint64_t, int64_t>> m_fingerprints; ///< with the row's index
};

} // namespace

struct DatasetPreview::State {
    const Workshop& workshop;
    FileStamp stamp; ///< taken before the file is opened
    std::shared_ptr<const RowReader> reader;
    std::vector<PreviewColumn> columns;
    std::optional<ColumnMapping> detected;
    mutable std::mutex mutex;
    std::shared_ptr<const Setup> setup;

    std::shared_ptr<const Setup> current() const {
        const std::lock_guard lock(mutex);
        return setup;
    }
};

int64_t DatasetReport::rowsLongerThan(int64_t tokens) const {
    return std::count_if(scan.fullLengths.begin(), scan.fullLengths.end(),
                         [tokens](int32_t length) { return length > tokens; });
}

DatasetPreview::DatasetPreview(const Workshop& workshop, const std::filesystem::path& file, const DataConfig& config)
    : m_state(std::make_unique<State>(workshop, stampOf(file), openRows(file))) {
    m_state->setup = std::make_shared<const Setup>(m_state->reader, config, nullptr);
    try {
        m_state->columns = columnsOf(firstValues(*m_state->reader));
        m_state->detected = detectFormat(*m_state->reader, {});
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadFile)
            throw;
        // Rows that no format fits, or malformed ones: the mapping's problem says so.
    }
}

DatasetPreview::~DatasetPreview() = default;

int64_t DatasetPreview::rows() const {
    return m_state->reader->rowCount();
}

bool DatasetPreview::hasFileChanged() const {
    return stampOf(m_state->reader->path()) != m_state->stamp;
}

const std::vector<PreviewColumn>& DatasetPreview::columns() const {
    return m_state->columns;
}

const std::optional<ColumnMapping>& DatasetPreview::detected() const {
    return m_state->detected;
}

void DatasetPreview::setMapping(const DataConfig& config) {
    const std::lock_guard lock(m_state->mutex);
    m_state->setup = std::make_shared<const Setup>(m_state->reader, config, m_state->setup->text);
}

void DatasetPreview::setModel(const std::string& model) {
    std::shared_ptr<const ModelText> text;
    if (!model.empty())
        text = std::make_shared<const ModelText>(openText(resolveModel(m_state->workshop.folder(), model)));
    const std::lock_guard lock(m_state->mutex);
    m_state->setup = std::make_shared<const Setup>(m_state->reader, m_state->setup->config, std::move(text));
}

DataConfig DatasetPreview::config() const {
    return m_state->current()->config;
}

std::optional<ColumnMapping> DatasetPreview::mapping() const {
    return m_state->current()->mapping;
}

bool DatasetPreview::usesChatTemplate() const {
    const auto setup = m_state->current();
    return setup->dataset && setup->dataset->usesChatTemplate();
}

std::string DatasetPreview::problem() const {
    const auto setup = m_state->current();
    return setup->problem ? setup->problem->message() : "";
}

void DatasetPreview::requireNoProblem() const {
    if (const auto setup = m_state->current(); setup->problem)
        throw Error(*setup->problem);
}

PreviewRow DatasetPreview::row(int64_t index) const {
    if (index < 0 || index >= rows())
        fail(ErrorCode::InvalidArgument, "dataset preview: row {} of {}", index, rows());
    const auto setup = m_state->current();
    PreviewRow preview;
    preview.index = index;
    try {
        const Row row = m_state->reader->row(index);
        preview.raw = jsonText(row, 2);
        preview.columns = columnsOf(row);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadFile)
            throw;
        preview.skipped = SkipReason::Bad;
        preview.problem = error.message();
        return preview;
    }
    if (setup->problem)
        preview.problem = setup->problem->message();
    if (!setup->dataset)
        return preview;
    const RowResult result = setup->dataset->result(index);
    preview.tokens = shown(result.example, *setup->text->tokenizer);
    preview.trainedTokens = result.example.trainedTokens();
    preview.fullLength = result.example.fullLength;
    preview.truncated = result.example.truncated;
    preview.skipped = result.skipped;
    preview.problem = result.problem;
    if (result.skipped == SkipReason::Bad)
        return preview;
    const std::vector<Piece> pieces = setup->dataset->pieces(index);
    preview.rendered = joined(pieces);
    if (preview.truncated)
        preview.cutOff = shown(encodePieces(pieces, *setup->text->tokenizer, 0), *setup->text->tokenizer,
                               preview.tokens.size(), PreviewRow::kMostCutOff);
    return preview;
}

DatasetReport DatasetPreview::scan(const DataConfig& config, const ProgressObserver& progress,
                                   std::stop_token stop) const {
    const Setup setup(m_state->reader, config, m_state->current()->text);
    if (setup.problem)
        throw Error(*setup.problem);
    if (!setup.dataset)
        fail(ErrorCode::BadConfig, "dataset preview: counting tokens needs a model, and none is chosen");
    const double all = double(std::max<int64_t>(1, rows()));
    const auto reading = [&](int64_t done) {
        if (progress)
            progress({JobStage::ReadingData, double(done) / all});
    };
    ThreadPool pool(m_state->workshop.options().threads);
    DatasetReport report;
    ReportWriter writer(report);
    report.scan = scanDataset(*setup.dataset, pool, reading, std::move(stop), writer);
    writer.finish();
    return report;
}

} // namespace lorikeet
