// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_job.h"

namespace lorikeet {
namespace {

constexpr int kLengthBins = 20;

} // namespace

DatasetInspection inspectDataset(Workshop& workshop, const DataConfig& data, const std::optional<std::string>& model,
                                 const ProgressObserver& progress, std::stop_token stop) {
    DatasetPreview preview(workshop, data.train, data);
    if (model)
        preview.setModel(*model);
    preview.requireNoProblem();
    DatasetInspection inspection;
    inspection.mapping = preview.mapping().value();
    inspection.rows = preview.rows();
    inspection.usesChatTemplate = preview.usesChatTemplate();
    if (!model)
        return inspection;
    const DatasetReport report = preview.scan(data, progress, std::move(stop));
    inspection.summary = report.scan.summary;
    inspection.lengths = lengthHistogram(report.scan.lengths, kLengthBins);
    if (!report.scan.usedRows.empty()) {
        inspection.exampleRow = report.scan.usedRows.front();
        inspection.example = preview.row(inspection.exampleRow).tokens;
    }
    return inspection;
}

} // namespace lorikeet
