// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_job.h"

#include "core/base/thread_pool.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"

namespace lorikeet {
namespace {

constexpr int kLengthBins = 20;

std::vector<ShownToken> shown(const Example& example, const Tokenizer& tokenizer) {
    std::vector<ShownToken> tokens;
    for (std::size_t i = 0; i < example.tokens.size(); ++i)
        tokens.push_back({example.tokens[i], tokenizer.pieceBytes(example.tokens[i]), example.trained[i] != 0});
    return tokens;
}

} // namespace

DatasetInspection inspectDataset(Workshop& workshop, const DataConfig& data, const std::optional<std::string>& model,
                                 const ProgressObserver& progress, std::stop_token stop) {
    DatasetInspection inspection;
    if (!model) {
        const std::unique_ptr<RowReader> rows = openRows(data.train);
        inspection.mapping = detectFormat(*rows, data);
        inspection.rows = rows->rowCount();
        return inspection;
    }
    const ModelText text = openText(resolveModel(workshop.folder(), *model));
    const Dataset dataset(data.train, data, *text.tokenizer, text.chatTemplate ? &*text.chatTemplate : nullptr);
    inspection.mapping = dataset.mapping();
    inspection.rows = dataset.rows();
    inspection.usesChatTemplate = dataset.usesChatTemplate();
    ThreadPool pool(workshop.options().threads);
    const auto reading = [&](int64_t done) {
        if (progress)
            progress({JobStage::ReadingData, double(done) / double(std::max<int64_t>(1, dataset.rows()))});
    };
    const DatasetScan scan = scanDataset(dataset, pool, reading, stop);
    inspection.summary = scan.summary;
    inspection.lengths = lengthHistogram(scan.lengths, kLengthBins);
    if (!scan.usedRows.empty()) {
        inspection.exampleRow = scan.usedRows.front();
        inspection.example = shown(dataset.example(inspection.exampleRow), *text.tokenizer);
    }
    return inspection;
}

} // namespace lorikeet
