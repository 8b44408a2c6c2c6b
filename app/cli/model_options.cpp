// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/model_options.h"

#include <CLI/CLI.hpp>

#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {
namespace {

std::string stageText(JobStage stage) {
    switch (stage) {
    case JobStage::FetchingModel:
        return "Fetching the starter model";
    case JobStage::LoadingModel:
        return "Loading the model";
    case JobStage::ReadingData:
        return "Reading the data";
    case JobStage::ChoosingBlocksizes:
        return "Choosing blocksizes";
    }
    return {};
}

} // namespace

ProgressObserver stageProgress(bool quiet) {
    // Shared, since a std::function is copied.
    struct Shown {
        std::unique_ptr<ProgressLine> line;
        JobStage stage = JobStage::FetchingModel;
    };
    return [shown = std::make_shared<Shown>(), quiet](const JobProgress& progress) {
        if (!shown->line || shown->stage != progress.stage) {
            shown->line = std::make_unique<ProgressLine>(stageText(progress.stage), quiet);
            shown->stage = progress.stage;
        }
        shown->line->update(progress.fraction);
        if (progress.fraction >= 1.0)
            shown->line->finish();
    };
}

void ModelOptions::addTo(CLI::App& command) {
    command.add_option("model", model, "A folder, a .gguf file, or a name of `models list`")->required();
    command.add_option("--adapter", adapter, "A folder with a PEFT adapter, or the model of a full finetuning");
    command.add_option("--quantization", quantization, "nf4, fp4, int4, int8 or none");
    command.add_option("--blocksize", blocksize, "Weights that share a scale: 32 to 4096, a power of two");
    // A flag bound to the optional itself would say false where neither word is given.
    CLI::Option* with = command.add_flag_callback(
        "--double-quant", [this] { doubleQuant = true; }, "Quantize the scales, too");
    command
        .add_flag_callback(
            "--no-double-quant", [this] { doubleQuant = false; }, "Keep the scales in float32")
        ->excludes(with);
    command.add_option("--compute-dtype", computeType, "float32 or bfloat16");
}

OpenedModel ModelOptions::open(Session& session, const std::optional<QuantizationSpec>& otherwise) const {
    ModelRequest request;
    request.model = model;
    if (!adapter.empty())
        request.adapter = adapter;
    if (!quantization.empty())
        request.wish.type = quantTypeFromName(quantization);
    request.wish.blocksize = blocksize;
    request.wish.doubleQuant = doubleQuant;
    if (!computeType.empty())
        request.wish.computeType = computeTypeFromName(computeType);
    request.otherwise = otherwise;
    return openModel(session.workshop(), request, stageProgress(session.options.json), session.stop());
}

} // namespace lorikeet::cli
