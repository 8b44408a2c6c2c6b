// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/dataset_desk.h"

#include <QStringDecoder>

#include <algorithm>
#include <mutex>
#include <optional>

#include "core/data/format_roles.h"
#include "core/jobs/dataset_preview.h"
#include "core/jobs/workshop.h"

namespace lorikeet::ui {
namespace {

constexpr int kSoon = 400;           // ms from the last edit to the counting
constexpr int kFirstWatch = 300;     // ms of counting before anything is said about it
constexpr int kWatch = 100;          // ms between two looks at the progress
constexpr int kFirstValue = 200;     // characters of a column's first value
constexpr int kShownText = 200'000;  // characters of a row's text: a view of more takes seconds to lay out
constexpr int kShownTokens = 20'000; // of a row, for the same reason

QString beginning(const std::string& text, int characters) {
    // A character is at most four bytes.
    const auto bytes = int(std::min<size_t>(text.size(), 4 * size_t(characters)));
    const QString whole = QString::fromUtf8(text.data(), bytes);
    return size_t(bytes) == text.size() && whole.size() <= characters ? whole : whole.left(characters) + QChar(0x2026);
}

DatasetFacts factsOf(const DatasetPreview& preview) {
    DatasetFacts facts;
    const std::optional<ColumnMapping> mapping = preview.mapping();
    const DataConfig config = preview.config();
    facts.format = mapping ? mapping->format : config.format;
    facts.usesChatTemplate = preview.usesChatTemplate();
    facts.rows = preview.rows();
    facts.problem = QString::fromStdString(preview.problem());
    const auto& roles = mapping ? mapping->columns : config.columns;
    for (const PreviewColumn& column : preview.columns()) {
        DatasetColumn shown{QString::fromStdString(column.name), {}, beginning(column.value, kFirstValue).simplified()};
        for (const auto& [role, name] : roles)
            if (name == column.name)
                shown.role = role;
        facts.columns.append(shown);
    }
    // Where nothing fits, the format that the fewest words are needed for.
    const auto isColumn = [&](std::string_view name) {
        return std::ranges::any_of(preview.columns(), [&](const PreviewColumn& column) { return column.name == name; });
    };
    for (const Role& role : rolesOf(facts.format == RowFormat::Auto ? RowFormat::PromptCompletion : facts.format)) {
        facts.roles.emplace_back(role.name);
        if (std::ranges::any_of(role.usualColumns, isColumn))
            facts.namedRoles.emplace_back(role.name);
    }
    return facts;
}

DatasetRow rowOf(const PreviewRow& preview) {
    DatasetRow row;
    row.row = preview.index;
    row.raw = beginning(preview.raw, kShownText);
    row.rendered = beginning(preview.rendered, kShownText);
    row.length = preview.fullLength;
    row.trained = preview.trainedTokens;
    row.readOnly = int64_t(preview.tokens.size()) - preview.trainedTokens;
    row.problem = QString::fromStdString(preview.problem);
    QStringDecoder decoder(QStringDecoder::Utf8); // keeps what is left of a character for the next token
    const auto append = [&](const ShownToken& token, TokenState state) {
        if (row.tokens.size() < kShownTokens)
            row.tokens.append({token.id,
                               decoder.decode(QByteArrayView(token.text.data(), qsizetype(token.text.size()))),
                               token.special, state});
    };
    for (const ShownToken& token : preview.tokens)
        append(token, token.trained ? TokenState::Trained : TokenState::Read);
    for (const ShownToken& token : preview.cutOff)
        append(token, TokenState::CutOff);
    return row;
}

DatasetNumbers numbersOf(DatasetReport&& report) {
    const DatasetSummary& summary = report.scan.summary;
    DatasetNumbers numbers;
    numbers.rows = summary.rows;
    numbers.truncated = summary.truncatedRows;
    numbers.empty = summary.empty;
    numbers.neverTrained = summary.nothingTrained;
    numbers.unfit = summary.bad;
    numbers.duplicates = report.duplicates;
    numbers.tokens = summary.tokens;
    numbers.trainedTokens = summary.trainedTokens;
    numbers.longest = report.longestLength;
    numbers.longestRow = report.longestRow;
    numbers.truncatedRows = std::move(report.truncated);
    numbers.emptyRows = std::move(report.empty);
    numbers.neverTrainedRows = std::move(report.nothingTrained);
    numbers.unfitRows = std::move(report.bad);
    numbers.duplicateRows = std::move(report.duplicateRows);
    numbers.lengths = std::move(report.scan.fullLengths);
    return numbers;
}

} // namespace

/// The open file, shared with the work in the background.
struct DatasetDesk::Bench {
    std::mutex mutex; ///< one changes the preview at a time, the newest wish last
    std::shared_ptr<Workshop> workshop;
    std::shared_ptr<DatasetPreview> preview; ///< null until the file is open
    QString model;                           ///< that the preview has
};

struct DatasetDesk::Look {
    std::optional<DatasetFacts> facts;
    DatasetRow row;
    std::optional<Failure> modelFailure; ///< the row is shown without a model then
};

DatasetDesk::DatasetDesk(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)) {
    m_soon.setSingleShot(true);
    m_soon.setInterval(kSoon);
    connect(&m_soon, &QTimer::timeout, this, &DatasetDesk::beginCount);
    connect(&m_watch, &QTimer::timeout, this, [this] {
        m_watch.setInterval(kWatch);
        emit countProgressed(m_progress->load());
    });
}

DatasetDesk::~DatasetDesk() = default;

void DatasetDesk::open(const DataConfig& data, const QString& model) {
    close();
    m_bench = std::make_shared<Bench>();
    m_bench->workshop = m_workshop;
    m_data = data;
    m_model = model;
    m_row = 0;
    m_countsByItself = true;
    look(true);
}

void DatasetDesk::close() {
    m_look.stop();
    endCount();
    m_soon.stop();
    m_bench.reset();
}

void DatasetDesk::edit(const DataConfig& data) {
    if (!m_bench || data == m_data)
        return;
    m_data = data;
    look(true);
}

void DatasetDesk::setModel(const QString& model) {
    if (!m_bench || model == m_model)
        return;
    m_model = model;
    look(true);
}

void DatasetDesk::showRow(int64_t row) {
    if (!m_bench)
        return;
    m_row = row;
    look(false);
}

void DatasetDesk::look(bool changesFacts) {
    m_wantsFacts |= changesFacts;
    if (changesFacts) {
        endCount();
        m_soon.stop();
    }
    m_look = runInBackground(
        this,
        [bench = m_bench, data = m_data, model = m_model, row = m_row,
         wantsFacts = m_wantsFacts](std::stop_token stop) {
            const std::lock_guard lock(bench->mutex);
            Look look;
            if (stop.stop_requested())
                return look;
            const bool isOther = bench->preview && bench->preview->hasFileChanged();
            if (isOther) {
                bench->preview.reset();
                bench->model.clear();
            }
            if (!bench->preview)
                bench->preview = std::make_shared<DatasetPreview>(*bench->workshop, data.train, data);
            DatasetPreview& preview = *bench->preview;
            if (wantsFacts && preview.config() != data)
                preview.setMapping(data);
            if (model != bench->model) {
                bench->model = model;
                try {
                    preview.setModel(model.toStdString());
                } catch (...) {
                    look.modelFailure = currentFailure();
                    preview.setModel({});
                }
            }
            if (wantsFacts || isOther)
                look.facts = factsOf(preview);
            if (preview.rows() > 0)
                look.row = rowOf(preview.row(std::min(row, preview.rows() - 1)));
            return look;
        },
        [this](const Look& look) { onLook(look); },
        [this](const Failure& failure) {
            m_wantsFacts = false;
            emit failed(failure);
        });
}

void DatasetDesk::onLook(const Look& look) {
    if (look.facts) {
        endCount(); // which was of what the facts were before
        m_wantsFacts = false;
        emit factsChanged(*look.facts);
    }
    if (look.row.raw.isEmpty() && look.row.problem.isEmpty())
        return;
    emit rowShown(look.row);
    if (look.modelFailure)
        emit modelFailed(*look.modelFailure);
    if (!look.facts)
        return;
    if (!look.facts->problem.isEmpty() || look.modelFailure)
        emit notCounted({});
    else if (m_countsByItself && !m_model.isEmpty())
        m_soon.start();
}

void DatasetDesk::count() {
    m_countsByItself = true;
    beginCount();
}

void DatasetDesk::cancelCount() {
    m_countsByItself = false;
    m_soon.stop();
    endCount();
    emit notCounted({});
}

void DatasetDesk::endCount() {
    m_count.stop();
    m_watch.stop();
    m_isCounting = false;
}

void DatasetDesk::beginCount() {
    if (!m_bench || m_model.isEmpty())
        return;
    m_isCounting = true;
    m_progress = std::make_shared<std::atomic<double>>(0.0);
    m_watch.start(kFirstWatch);
    m_count = runInBackground(
        this,
        [bench = m_bench, data = m_data, done = m_progress](std::stop_token stop) {
            std::shared_ptr<DatasetPreview> preview;
            {
                const std::lock_guard lock(bench->mutex);
                preview = bench->preview;
            }
            return preview ? numbersOf(preview->scan(
                                 data, [&](const JobProgress& progress) { done->store(progress.fraction); }, stop))
                           : DatasetNumbers();
        },
        [this](const DatasetNumbers& numbers) {
            endCount();
            emit counted(numbers);
        },
        [this](const Failure& failure) {
            endCount();
            emit notCounted(failure.isCancelled() ? QString() : failure.message);
        });
}

} // namespace lorikeet::ui
