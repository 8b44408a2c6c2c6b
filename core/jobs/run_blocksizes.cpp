// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_blocksizes.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/json_file.h"
#include "core/jobs/blocksize_search.h"
#include "core/model/blocksizes_json.h"
#include "core/model/model_config.h"
#include "core/train/adapter_folder.h"

namespace lorikeet {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kRecordName = "blocksizes.json";

/// What they were chosen for.
Json wishOf(const QuantizationConfig& config) {
    return {{"type", quantTypeName(config.type)},
            {"double_quant", config.doubleQuant},
            {"bits_per_parameter", config.bitsPerParameter.value_or(0.0)}};
}

Blocksizes recordedBlocksizes(const fs::path& path, const RunConfig& config, const ModelConfig& model) {
    nlohmann::json record = readJsonFile(path);
    try {
        Blocksizes blocksizes = blocksizesFromJson(record.at("blocksizes"));
        record.erase("blocksizes");
        if (record != nlohmann::json(wishOf(config.quantization)))
            fail(ErrorCode::BadConfig, "they were chosen for another quantization, {}", record.dump().substr(0, 200));
        checkBlocksizes(model, blocksizes);
        return blocksizes;
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::BadFile, "{}: there are no blocksizes in it", path.string());
    } catch (const Error& error) {
        fail(ErrorCode::BadFile, "{}: {}", path.string(), error.message());
    }
}

} // namespace

Blocksizes runBlocksizes(const RunConfig& config, const fs::path& model, const fs::path& folder, int threads,
                         const ProgressObserver& progress, std::stop_token stop) {
    const QuantizationConfig& wish = config.quantization;
    if (wish.type == QuantType::None || wish.blocksize)
        return {};
    if (!folder.empty() && fs::exists(folder / kRecordName))
        return recordedBlocksizes(folder / kRecordName, config, readModelConfig(model));
    const auto choosing = [&](double fraction) {
        if (progress)
            progress({JobStage::ChoosingBlocksizes, fraction});
    };
    return chooseBlocksizes({model, wish.type, wish.doubleQuant, wish.bitsPerParameter, threads}, choosing,
                            std::move(stop))
        .blocksizes;
}

void recordBlocksizes(const fs::path& folder, const RunConfig& config, const Blocksizes& blocksizes) {
    if (blocksizes.empty())
        return;
    Json record = wishOf(config.quantization);
    record["blocksizes"] = blocksizesJson(blocksizes);
    writeFileAtomically(folder / kRecordName, record.dump(1) + "\n");
}

void requireSameBlocksizes(const fs::path& checkpoint, const Blocksizes& blocksizes) {
    const std::optional<TrainedOver> over = readTrainedOver(checkpoint);
    if (over && over->blocksizes != blocksizes)
        fail(ErrorCode::BadConfig,
             "{}: this checkpoint was trained over other blocksizes than those that are chosen for the run now: its {} "
             "is missing, and the model or the search has changed",
             checkpoint.string(), kRecordName);
}

} // namespace lorikeet
