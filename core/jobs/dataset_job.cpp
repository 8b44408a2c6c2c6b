// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_job.h"

#include <algorithm>

#include "core/base/error.h"

namespace lorikeet {
namespace {

constexpr int kLengthBins = 20;

} // namespace

DatasetInspection inspectDataset(Workshop& workshop, const DataConfig& data, const std::optional<std::string>& model,
                                 const ProgressObserver& progress, std::stop_token stop, int64_t listedRows) {
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
    const DatasetReport report = preview.scan(data, progress, stop);
    inspection.summary = report.scan.summary;
    inspection.lengths = lengthHistogram(report.scan.lengths, kLengthBins);
    if (!report.scan.usedRows.empty()) {
        inspection.exampleRow = report.scan.usedRows.front();
        inspection.example = preview.row(inspection.exampleRow).tokens;
    }
    for (int64_t row = 0; row < std::min(listedRows, inspection.rows); ++row) {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "{}: cancelled", data.train);
        inspection.listed.push_back(preview.row(row));
    }
    return inspection;
}

} // namespace lorikeet
