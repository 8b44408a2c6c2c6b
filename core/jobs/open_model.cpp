// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/open_model.h"

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/jobs/model_library.h"
#include "core/model/base_model.h"
#include "core/train/run_config.h"

namespace lorikeet {
namespace {

std::string writtenForm(const Tokenizer& tokenizer, const std::optional<TokenId>& id) {
    return id ? tokenizer.pieceBytes(*id) : std::string();
}

} // namespace

ModelText openText(const std::filesystem::path& model, std::optional<WallTime> moment) {
    ModelText text;
    try {
        text.tokenizer = loadTokenizer(model);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::NotFound)
            throw;
        fail(ErrorCode::NotFound,
             "{}. Put the model's own tokenizer.json (or tokenizer.model) and tokenizer_config.json into its folder",
             error.message());
    }
    if (const std::optional<std::string> source = findChatTemplate(model))
        text.chatTemplate.emplace(*source, writtenForm(*text.tokenizer, text.tokenizer->bos()),
                                  writtenForm(*text.tokenizer, text.tokenizer->eos()), moment);
    return text;
}

QuantizationSpec defaultQuantization() {
    const QuantizationConfig config;
    return quantizationSpec(config);
}

BaseChoice completeChoice(const BaseWish& wish, const std::optional<TrainedOver>& trainedOver,
                          const std::optional<QuantizationSpec>& otherwise) {
    BaseChoice choice{trainedOver ? trainedOver->quantization : otherwise,
                      trainedOver ? trainedOver->computeType : DType::BF16,
                      trainedOver ? trainedOver->blocksizes : Blocksizes()};
    if (!wish.blocksizes.empty())
        choice.blocksizes = wish.blocksizes;
    if (wish.blocksize || wish.type == QuantType::None)
        choice.blocksizes.clear();
    if (wish.computeType)
        choice.computeType = *wish.computeType;
    if (wish.type == QuantType::None) {
        if (wish.blocksize || wish.doubleQuant)
            fail(ErrorCode::BadConfig, "quantization none has no blocksize and no double quantization");
        choice.quantization.reset();
        return choice;
    }
    if (!wish.type && !wish.blocksize && !wish.doubleQuant)
        return choice;
    if (!choice.quantization && !wish.type)
        fail(ErrorCode::BadConfig, "a blocksize or double quantization needs a quantization type, such as nf4");
    QuantizationSpec spec = choice.quantization.value_or(defaultQuantization());
    spec.type = wish.type.value_or(spec.type);
    spec.blocksize = wish.blocksize.value_or(spec.blocksize);
    spec.doubleQuant = wish.doubleQuant.value_or(spec.doubleQuant);
    try {
        checkQuantizationSpec(spec);
    } catch (const Error& error) {
        fail(ErrorCode::BadConfig, "{}", error.message()); // a word of the user, not a fault of the program
    }
    choice.quantization = spec;
    return choice;
}

OpenedModel openModel(Workshop& workshop, const ModelRequest& request, const ProgressObserver& progress,
                      std::stop_token stop) {
    OpenedModel opened;
    const bool isTunedModel = request.adapter && isModelFolder(*request.adapter);
    opened.path = isTunedModel ? *request.adapter : resolveModel(workshop.folder(), request.model);
    opened.text = openText(opened.path, request.moment);
    opened.trainedOver = readTrainedOver(request.adapter.value_or(opened.path));
    if (isTunedModel && !opened.trainedOver)
        fail(ErrorCode::BadFile,
             "{}: it is a model that no run has finetuned here, and no adapter; name it as the model",
             request.adapter->string());
    const BaseChoice choice = completeChoice(request.wish, opened.trainedOver, request.otherwise);
    opened.context = workshop.backend().createContext();
    const auto loading = [&](double fraction) {
        if (progress)
            progress({JobStage::LoadingModel, fraction});
    };
    opened.base = workshop.base(*opened.context, opened.path, choice, loading, stop);
    if (request.adapter && !isTunedModel)
        opened.adapter.emplace(
            LoraAdapter::load(*opened.context, opened.base->config(), *request.adapter, /*trainable=*/false));
    return opened;
}

} // namespace lorikeet
