// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/train/run_config.h"
#include "core/train/run_config_words.h"

namespace lorikeet {
namespace {

using Json = nlohmann::ordered_json;
using words::wordOf;

Json textOrNull(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

template <typename Value>
Json valueOrNull(const std::optional<Value>& value) {
    return value ? Json(*value) : Json();
}

/// Leaves out what an adapter to go on from decides.
template <typename Value>
void put(Json& object, const char* key, const std::optional<Value>& value) {
    if (value)
        object[key] = *value;
}

Json quantizationJson(const QuantizationConfig& config) {
    Json json = {{"type", wordOf(words::kQuantTypes, config.type)},
                 {"blocksize", config.blocksize ? Json(*config.blocksize) : Json("auto")},
                 {"double_quant", config.doubleQuant}};
    put(json, "bits_per_parameter", config.bitsPerParameter);
    return json;
}

Json loraJson(const LoraConfig& config) {
    Json json = Json::object();
    put(json, "r", config.rank);
    put(json, "lora_alpha", config.alpha);
    json["lora_dropout"] = config.dropout;
    if (config.targetModules)
        std::visit([&](const auto& targets) { json["target_modules"] = targets; }, *config.targetModules);
    put(json, "use_rslora", config.useRslora);
    json["use_dora"] = config.useDora;
    put(json, "rank_pattern", config.rankPattern);
    put(json, "alpha_pattern", config.alphaPattern);
    json["modules_to_save"] = config.modulesToSave;
    json["loraplus_lr_ratio"] = valueOrNull(config.loraPlusRatio);
    json["init_from"] = textOrNull(config.initFrom);
    return json;
}

Json columnsJson(const DataConfig& config) {
    if (config.columns.empty())
        return {};
    Json json = Json::object();
    for (const auto& [role, column] : config.columns)
        json[role] = textOrNull(column);
    return json;
}

Json dataJson(const DataConfig& config) {
    return {{"train", config.train},
            {"eval", textOrNull(config.eval)},
            {"eval_fraction", config.evalFraction},
            {"format", wordOf(words::kRowFormats, config.format)},
            {"template", wordOf(words::kTemplates, config.chatTemplate)},
            {"columns", columnsJson(config)},
            {"train_on", wordOf(words::kTrainOn, config.trainOn)},
            {"max_length", config.maxLength},
            {"packing", config.packing},
            {"shuffle", config.shuffle},
            {"max_tokens_per_batch", valueOrNull(config.maxTokensPerBatch)},
            {"share_prefixes", config.sharePrefixes}};
}

Json trainingJson(const TrainingConfig& config) {
    return {{"max_steps", valueOrNull(config.maxSteps)},
            {"num_train_epochs", config.epochs},
            {"batch_size", config.batchSize},
            {"gradient_accumulation_steps", config.accumulationSteps},
            {"learning_rate", config.learningRate},
            {"lr_scheduler_type", wordOf(words::kSchedules, config.schedule)},
            {"warmup_steps", config.warmupSteps},
            {"weight_decay", config.weightDecay},
            {"adam_beta1", config.beta1},
            {"adam_beta2", config.beta2},
            {"adam_epsilon", config.epsilon},
            {"max_grad_norm", config.maxGradNorm},
            {"optim", wordOf(words::kOptimizers, config.optimizer)},
            {"optim_budget_mb", valueOrNull(config.optimizerBudgetMb)},
            {"neftune_noise_alpha", config.neftuneNoiseAlpha},
            {"gradient_checkpointing", config.gradientCheckpointing},
            {"early_stopping_patience", valueOrNull(config.earlyStoppingPatience)},
            {"save_total_limit", valueOrNull(config.saveTotalLimit)},
            {"seed", config.seed}};
}

} // namespace

std::string serialiseRunConfig(const RunConfig& config) {
    const EveryConfig& every = config.every;
    const Json json = {
        {"name", textOrNull(config.name)},
        {"model", config.model},
        {"quantization", quantizationJson(config.quantization)},
        {"compute_dtype", wordOf(words::kComputeTypes, config.computeType)},
        {"method", wordOf(words::kMethods, config.method)},
        {"lora", loraJson(config.lora)},
        {"data", dataJson(config.data)},
        {"training", trainingJson(config.training)},
        {"kernels", config.kernels},
        {"every", {{"log", every.log}, {"eval", every.eval}, {"sample", every.sample}, {"save", every.save}}},
        {"samples", {{"prompts", config.samples.prompts}, {"max_new_tokens", config.samples.maxNewTokens}}}};
    // A path may hold bytes that are no UTF-8; they become U+FFFD rather than an exception of the library.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string_view scheduleName(Schedule schedule) {
    return wordOf(words::kSchedules, schedule);
}

std::string_view templateChoiceName(TemplateChoice choice) {
    return wordOf(words::kTemplates, choice);
}

std::string_view rowFormatName(RowFormat format) {
    return wordOf(words::kRowFormats, format);
}

std::string_view methodName(Method method) {
    return wordOf(words::kMethods, method);
}

QuantType quantTypeFromName(std::string_view name) {
    for (const auto& [word, type] : words::kQuantTypes)
        if (word == name)
            return type;
    fail(ErrorCode::BadConfig, "quantization type \"{}\": allowed is one of nf4, fp4, int4, int8, none", name);
}

DType computeTypeFromName(std::string_view name) {
    for (const auto& [word, type] : words::kComputeTypes)
        if (word == name)
            return type;
    fail(ErrorCode::BadConfig, "compute dtype \"{}\": allowed is one of bfloat16, float32", name);
}

} // namespace lorikeet
