// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/jobs/job_progress.h"
#include "core/jobs/workshop.h"
#include "core/model/adapter.h"
#include "core/text/chat_template.h"
#include "core/text/tokenizer.h"
#include "core/train/adapter_folder.h"

namespace lorikeet {

/// A model's words: its tokenizer and, where it has one, its chat template.
struct ModelText {
    std::unique_ptr<Tokenizer> tokenizer;
    std::optional<ChatTemplate> chatTemplate;
};

/// Opens both. `moment` is the date that the template tells, absent: that of each rendering. Throws NotFound where the
/// model has no tokenizer, saying what to do, BadFile.
ModelText openText(const std::filesystem::path& model, std::optional<WallTime> moment = {});

/// What --quantization, --blocksize, --double-quant and --compute-dtype leave open stays empty.
struct BaseWish {
    std::optional<QuantType> type;
    std::optional<int> blocksize;
    std::optional<bool> doubleQuant;
    std::optional<DType> computeType;
    Blocksizes blocksizes = {}; ///< where the layers are to differ; a blocksize wins
};

/// The wish, completed by what an adapter was trained over, else by `otherwise`. A part of a quantization that neither
/// names is that of a run file's defaults. Throws BadConfig where the parts do not fit together.
BaseChoice completeChoice(const BaseWish& wish, const std::optional<TrainedOver>& trainedOver,
                          const std::optional<QuantizationSpec>& otherwise);

/// nf4, 64, double: what generate and chat use where nothing else is said. `score` uses none.
QuantizationSpec defaultQuantization();

struct ModelRequest {
    std::string model; ///< a path or a library's name
    /// An adapter over it; the folder of a full finetuning takes the model's place.
    std::optional<std::filesystem::path> adapter;
    BaseWish wish;
    std::optional<QuantizationSpec> otherwise; ///< as for completeChoice
    std::optional<WallTime> moment = {};       ///< as for openText
};

/// A model ready for use, on one thread: base (perhaps shared), adapter, words, and a context to run in.
struct OpenedModel {
    std::filesystem::path path;
    std::unique_ptr<ExecutionContext> context;
    std::shared_ptr<const BaseModel> base;
    std::optional<LoraAdapter> adapter;
    std::optional<TrainedOver> trainedOver; ///< of an adapter of ours, or of a model that a full finetuning left
    ModelText text;

    const LoraAdapter* adapterOrNull() const { return adapter ? &*adapter : nullptr; }
};

/// Throws NotFound, BadFile, BadConfig, NotBuilt, Cancelled, OutOfMemory.
OpenedModel openModel(Workshop& workshop, const ModelRequest& request, const ProgressObserver& progress = {},
                      std::stop_token stop = {});

} // namespace lorikeet
