// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_files.h"

#include "core/base/thread_pool.h"
#include "core/jobs/run_parts.h"
#include "core/runs/run_store.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

/// The settings by which rows are read; without the cut where `isRough`.
std::string readingKey(const std::string& model, const std::string& file, const DataConfig& data, bool isRough) {
    RunConfig part;
    part.model = model;
    part.data.train = file;
    part.data.format = data.format;
    part.data.chatTemplate = data.chatTemplate;
    part.data.columns = data.columns;
    part.data.trainOn = data.trainOn;
    if (!isRough) {
        part.data.maxLength = data.maxLength;
        part.data.packing = data.packing;
    }
    return serialiseRunConfig(part);
}

FileStamp joined(FileStamp a, FileStamp b) {
    return {a.value * 31 + b.value};
}

bool isFile(const std::string& path) {
    std::error_code error;
    return !path.empty() && fs::exists(path, error);
}

} // namespace

const Read<CheckedModel>& RunFiles::model(const fs::path& path) {
    return m_models.get(path.string(), stampOf(path),
                        [&] { return std::make_shared<const CheckedModel>(readCheckedModel(path)); });
}

const Read<ModelText>* RunFiles::text(const fs::path& model) const {
    return m_texts.find(model.string(), stampOf(model));
}

const Read<LoraSpec>& RunFiles::adapter(const fs::path& folder, const CheckedModel& model) {
    return m_adapters.get(folder.string() + '\n' + model.facts.path.string(), stampOf(folder),
                          [&] { return std::make_shared<const LoraSpec>(readInitialAdapter(folder, model.config)); });
}

const Read<OpenedRows>* RunFiles::known(const fs::path& model, const std::string& file, const DataConfig& data,
                                        bool isRough) const {
    return (isRough ? m_roughRows : m_rows)
        .find(readingKey(model.string(), file, data, isRough), joined(stampOf(model), stampOf(file)));
}

KnownRows RunFiles::rows(const fs::path& model, const RunConfig& config) {
    KnownRows result;
    const Read<ModelText>* words = text(model);
    if (!isFile(config.data.train) || (words && !words->value))
        return result;
    const auto find = [&](const std::string& file) {
        const Read<OpenedRows>* read = known(model, file, config.data, false);
        result.isProvisional |= !read;
        return read ? read : known(model, file, config.data, true);
    };
    const Read<OpenedRows>* train = find(config.data.train);
    const Read<OpenedRows>* eval = isFile(config.data.eval) ? find(config.data.eval) : nullptr;
    result.error = train ? train->error : "";
    result.evalError = eval ? eval->error : "";
    if (!config.data.eval.empty() && !isFile(config.data.eval))
        result.evalError = config.data.eval + " is not there";
    if (!train || !train->value)
        return result;
    const std::shared_ptr<const ScannedRows> evalRows = eval && eval->value ? eval->value->rows : nullptr;
    result.key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}",
                             readingKey(model.string(), config.data.train, config.data, false), config.data.eval,
                             config.data.evalFraction, config.training.seed, result.isProvisional, evalRows != nullptr);
    const FileStamp stamp = joined(joined(stampOf(model), train->stamp),
                                   isFile(config.data.eval) ? stampOf(config.data.eval) : FileStamp());
    const Read<RowCounts>& counts = m_counts.get(result.key, stamp, [&] {
        const std::shared_ptr<const ScannedRows>& rows = train->value->rows;
        return std::make_shared<const RowCounts>(result.isProvisional ? approximateCounts(config, *rows, evalRows.get())
                                                                      : countRows(config, rows, evalRows));
    });
    result.counts = counts.value;
    if (!counts.value)
        result.evalError = counts.error; // the rows are fit: only their division can fail
    result.key += fmt::format("\n{}", stamp.value);
    return result;
}

MemoryPlanner& RunFiles::planner(const CheckedModel& model, const KnownRows& rows, const std::string& kernels) {
    constexpr std::size_t kMost = 8;
    const std::string key = fmt::format("{}\n{}\n{}\n{}", model.facts.path.string(), stampOf(model.facts.path).value,
                                        kernels, rows.counts ? rows.key : "");
    if (m_planners.size() >= kMost && !m_planners.contains(key))
        m_planners.clear();
    std::unique_ptr<MemoryPlanner>& planner = m_planners[key];
    if (!planner)
        planner = std::make_unique<MemoryPlanner>(model.config, model.tables,
                                                  rows.counts ? rows.counts->lengths : std::vector<int32_t>(),
                                                  rows.counts ? rows.counts->evaluationLengths : std::vector<int32_t>(),
                                                  m_workshop.workspace(kernels), model.blocksizes);
    return *planner;
}

std::optional<RunSpeed> RunFiles::speed(const RunConfig& config, const fs::path& model, const std::string& kernels) {
    constexpr std::chrono::seconds kFresh{5};
    const std::string key = fmt::format("{}\n{}\n{}\n{}", config.model, kernels, methodName(config.method),
                                        config.training.gradientCheckpointing);
    const auto known = m_speeds.find(key);
    if (known != m_speeds.end() && Clock::now() - known->second.first < kFresh)
        return known->second.second;
    std::optional<RunSpeed> found;
    try {
        if (isFile(m_workshop.folder().database().string()))
            found = measuredSpeed(m_workshop.runs(), config, fs::absolute(model).lexically_normal().string(), kernels);
    } catch (const Error&) {
        // Without a readable database there is no estimate of the time; the run itself will say why.
    }
    m_speeds[key] = {Clock::now(), found};
    return found;
}

void RunFiles::readRows(const fs::path& model, const std::string& file, const DataConfig& data,
                        const ProgressObserver& progress, const std::stop_token& stop) {
    const std::shared_ptr<const ModelText> words = text(model)->value;
    if (!words || !isFile(file) || known(model, file, data, false))
        return;
    const FileStamp stamp = joined(stampOf(model), stampOf(file));
    const Read<OpenedRows>& read = m_rows.put(readingKey(model.string(), file, data, false), stamp, [&] {
        ThreadPool pool(m_workshop.options().threads);
        return std::make_shared<const OpenedRows>(
            OpenedRows{words, scanRows(file, data, *words, pool, progress, stop)});
    });
    if (read.value)
        m_roughRows.put(readingKey(model.string(), file, data, true), stamp, [&] { return read.value; });
}

void RunFiles::read(const fs::path& model, const RunConfig& config, const ProgressObserver& progress,
                    const std::stop_token& stop) {
    m_texts.get(model.string(), stampOf(model), [&] { return std::make_shared<const ModelText>(openText(model)); });
    readRows(model, config.data.train, config.data, progress, stop);
    readRows(model, config.data.eval, config.data, progress, stop);
}

} // namespace lorikeet
