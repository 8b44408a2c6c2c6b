// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/backend/backend.h"
#include "core/data/data_config.h"
#include "core/model/blocksizes.h"
#include "core/quant/quantize.h"
#include "core/tensor/dtype.h"

namespace lorikeet {

class LoraAdapter;

/// What an adapter was trained over: what it should be used over, too. For a full finetuning what it began as, and how
/// its result is used as it was trained.
struct TrainedOver {
    std::string model; ///< as the run's file names it
    std::optional<QuantizationSpec> quantization;
    DType computeType = DType::BF16;
    TemplateChoice chatTemplate = TemplateChoice::Plain; ///< Chat or Plain
    std::string run;                                     ///< the run's id
    Blocksizes blocksizes = {};                          ///< of the linear layers where they differ

    bool operator==(const TrainedOver&) const = default;
};

/// What stands beside the weights in a model's folder, by file name: config.json, the tokenizer's files.
using ModelTexts = std::map<std::string, std::string>;

/// Writes the adapter as PEFT does, or the model of a full finetuning as transformers does, with lorikeet.json beside
/// it, into a folder that exists. `texts` are those of the model, looked at in a full finetuning alone. Throws Io.
void writeAdapterFiles(ExecutionContext& context, const LoraAdapter& adapter, const std::filesystem::path& folder,
                       const TrainedOver& trainedOver, const ModelTexts& texts = {});

/// Writes the same in place of what stood in `folder`. A failure leaves
/// the old folder or the new one, never a mixture; it throws Io.
void saveAdapterFolder(ExecutionContext& context, const LoraAdapter& adapter, const std::filesystem::path& folder,
                       const TrainedOver& trainedOver, const ModelTexts& texts = {});

/// What lorikeet.json in the folder of something trained says; none where there is no such file. Throws BadFile.
std::optional<TrainedOver> readTrainedOver(const std::filesystem::path& folder);

/// Whether a folder holds a model, as a full finetuning leaves it, and not an adapter.
bool isModelFolder(const std::filesystem::path& folder);

} // namespace lorikeet
