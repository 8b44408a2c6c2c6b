// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_config.h"

#include <bit>

#include "core/base/files.h"
#include "core/quant/quantize.h"
#include "core/train/run_config_words.h"
#include "core/train/strict_json.h"

namespace lorikeet {
namespace {

constexpr int kSmallestBlock = 32;
constexpr int kLargestBlock = 4096;
constexpr double kLargestInt = 2147483647.0;

constexpr Interval kCount{.low = 1};
constexpr Interval kCountOrZero{.low = 0};
constexpr Interval kIntCount{.low = 1, .high = kLargestInt, .highOpen = false};
constexpr Interval kPositive{.low = 0, .lowOpen = true};
/// A run's steps are counted epoch by epoch before it starts.
constexpr Interval kEpochs{.low = 0, .high = 100'000, .lowOpen = true, .highOpen = false};
constexpr Interval kFraction{.low = 0, .high = 1};
// The optimizer computes in float32, where what lies beyond these would become 1 or 0.
constexpr Interval kDecay{.low = 0, .high = 0.999999, .highOpen = false};
constexpr Interval kEpsilon{.low = 1e-30};
/// Of one step, which dropout numbers in 16 bits (Decoder::lossAndGradients).
constexpr Interval kMicroBatches{.low = 1, .high = 65'535, .highOpen = false};

bool isBlocksize(int64_t value) {
    return value >= kSmallestBlock && value <= kLargestBlock && std::has_single_bit(uint64_t(value));
}

QuantizationConfig readQuantization(ObjectReader in, Method method) {
    QuantizationConfig config = quantizationFor(method);
    config.type = in.choice("type", config.type, words::kQuantTypes);
    if (const nlohmann::json* blocksize = in.find("blocksize")) {
        if (*blocksize == "auto")
            config.blocksize.reset();
        else if (blocksize->is_number_integer() && isBlocksize(blocksize->get<int64_t>()))
            config.blocksize = blocksize->get<int>();
        else
            in.refuse("blocksize", "a power of two from 32 to 4096, or \"auto\" with bits_per_parameter");
    }
    config.doubleQuant = in.boolean("double_quant", config.doubleQuant);
    config.bitsPerParameter = in.nullableNumber("bits_per_parameter", {.low = 0, .high = 32, .lowOpen = true});
    in.finish();
    if (config.blocksize && config.bitsPerParameter)
        in.refuse("bits_per_parameter", "null, unless blocksize is \"auto\"");
    if (!config.blocksize && !config.bitsPerParameter)
        in.refuse("blocksize", "\"auto\" only with bits_per_parameter");
    return config;
}

template <typename Value>
std::map<std::string, Value> readPattern(ObjectReader& in, std::string_view key, Interval allowed) {
    std::map<std::string, Value> pattern;
    ObjectReader entries = in.object(key);
    for (const auto& item : entries.json().items()) {
        if constexpr (std::is_same_v<Value, int>)
            pattern[item.key()] = int(entries.integer(item.key(), 1, allowed));
        else
            pattern[item.key()] = entries.number(item.key(), 1, allowed);
    }
    return pattern;
}

std::variant<std::string, std::vector<std::string>> readTargetModules(ObjectReader& in) {
    const nlohmann::json* value = in.find("target_modules");
    if (value == nullptr)
        return "all-linear";
    if (value->is_string() && *value != "")
        return value->get<std::string>();
    if (!value->is_array() || value->empty())
        in.refuse("target_modules",
                  "\"all-linear\", a regular expression, or a list of module names such as [\"q_proj\", \"v_proj\"]");
    return in.texts("target_modules");
}

LoraConfig readLora(ObjectReader in) {
    LoraConfig config;
    config.initFrom = in.nullableText("init_from");
    // What the adapter to go on from decides is left open unless the file says it.
    const auto isOpen = [&](std::string_view key) { return !in.has(key) && !config.initFrom.empty(); };
    config.rank = int(in.integer("r", 16, kIntCount));
    config.alpha = in.number("lora_alpha", 16, kPositive);
    config.dropout = in.number("lora_dropout", 0, kFraction);
    config.targetModules = readTargetModules(in);
    config.useRslora = in.boolean("use_rslora", false);
    config.useDora = in.boolean("use_dora", false);
    config.rankPattern = readPattern<int>(in, "rank_pattern", kIntCount);
    config.alphaPattern = readPattern<double>(in, "alpha_pattern", kPositive);
    config.modulesToSave = in.texts("modules_to_save");
    config.loraPlusRatio = in.nullableNumber("loraplus_lr_ratio", kPositive);
    in.finish();
    if (isOpen("r"))
        config.rank.reset();
    if (isOpen("lora_alpha"))
        config.alpha.reset();
    if (isOpen("target_modules"))
        config.targetModules.reset();
    if (isOpen("use_rslora"))
        config.useRslora.reset();
    if (isOpen("rank_pattern"))
        config.rankPattern.reset();
    if (isOpen("alpha_pattern"))
        config.alphaPattern.reset();
    return config;
}

std::map<std::string, std::string> readColumns(ObjectReader& in) {
    const nlohmann::json* value = in.find("columns");
    if (value == nullptr || value->is_null())
        return {};
    ObjectReader entries = in.object("columns");
    std::map<std::string, std::string> columns;
    for (const std::string_view field :
         {"text", "prompt", "completion", "instruction", "input", "output", "messages", "conversations", "system"}) {
        const nlohmann::json* column = entries.find(field);
        if (column != nullptr) // null: no column plays it
            columns[std::string(field)] = column->is_null() ? std::string() : entries.requiredText(field);
    }
    entries.finish();
    return columns;
}

DataConfig readData(ObjectReader in) {
    DataConfig config;
    config.train = in.requiredText("train");
    config.eval = in.nullableText("eval");
    config.evalFraction = in.number("eval_fraction", config.evalFraction, kFraction);
    config.format = in.choice("format", config.format, words::kRowFormats);
    config.chatTemplate = in.choice("template", config.chatTemplate, words::kTemplates);
    config.columns = readColumns(in);
    config.trainOn = in.choice("train_on", config.trainOn, words::kTrainOn);
    config.maxLength = int(in.integer("max_length", config.maxLength, {.low = 2, .high = 1 << 24, .highOpen = false}));
    config.packing = in.boolean("packing", config.packing);
    config.shuffle = in.boolean("shuffle", config.shuffle);
    config.maxTokensPerBatch = in.nullableInteger("max_tokens_per_batch", std::nullopt, {.low = 2});
    config.sharePrefixes = in.boolean("share_prefixes", config.sharePrefixes);
    in.finish();
    return config;
}

TrainingConfig readTraining(ObjectReader in) {
    TrainingConfig config;
    config.maxSteps = in.nullableInteger("max_steps", std::nullopt, kIntCount);
    config.epochs = in.number("num_train_epochs", config.epochs, kEpochs);
    config.batchSize = int(in.integer("batch_size", config.batchSize, kIntCount));
    config.accumulationSteps = int(in.integer("gradient_accumulation_steps", config.accumulationSteps, kMicroBatches));
    config.learningRate = in.number("learning_rate", config.learningRate, kPositive);
    config.schedule = in.choice("lr_scheduler_type", config.schedule, words::kSchedules);
    config.warmupSteps = in.integer("warmup_steps", config.warmupSteps, kCountOrZero);
    config.weightDecay = in.number("weight_decay", config.weightDecay, kCountOrZero);
    config.beta1 = in.number("adam_beta1", config.beta1, kDecay);
    config.beta2 = in.number("adam_beta2", config.beta2, kDecay);
    config.epsilon = in.number("adam_epsilon", config.epsilon, kEpsilon);
    config.maxGradNorm = in.number("max_grad_norm", config.maxGradNorm, kCountOrZero);
    config.optimizer = in.choice("optim", config.optimizer, words::kOptimizers);
    config.optimizerBudgetMb = in.nullableNumber("optim_budget_mb", kPositive);
    config.neftuneNoiseAlpha = in.number("neftune_noise_alpha", config.neftuneNoiseAlpha, kCountOrZero);
    config.gradientCheckpointing = in.boolean("gradient_checkpointing", config.gradientCheckpointing);
    config.earlyStoppingPatience = in.nullableInteger("early_stopping_patience", std::nullopt, kCount);
    config.saveTotalLimit = in.nullableInteger("save_total_limit", config.saveTotalLimit, kCount);
    config.seed = uint64_t(in.integer("seed", int64_t(config.seed), kCountOrZero));
    in.finish();
    return config;
}

EveryConfig readEvery(ObjectReader in) {
    EveryConfig config;
    config.log = in.integer("log", config.log, kCount);
    config.eval = in.integer("eval", config.eval, kCountOrZero);
    config.sample = in.integer("sample", config.sample, kCountOrZero);
    config.save = in.integer("save", config.save, kCountOrZero);
    in.finish();
    return config;
}

SamplesConfig readSamples(ObjectReader in) {
    SamplesConfig config;
    config.prompts = in.texts("prompts");
    config.maxNewTokens = in.integer("max_new_tokens", config.maxNewTokens, kIntCount);
    in.finish();
    return config;
}

RunConfig readRun(ObjectReader in) {
    RunConfig config;
    config.name = in.nullableText("name");
    config.model = in.requiredText("model");
    config.method = in.choice("method", config.method, words::kMethods);
    config.quantization = readQuantization(in.object("quantization"), config.method);
    config.computeType = in.choice("compute_dtype", config.computeType, words::kComputeTypes);
    config.lora = readLora(in.object("lora"));
    config.data = readData(in.object("data"));
    config.training = readTraining(in.object("training"));
    in.choice("kernels", 0, words::kKernels);
    config.kernels = in.text("kernels", config.kernels);
    config.every = readEvery(in.object("every"));
    config.samples = readSamples(in.object("samples"));
    in.finish();
    return config;
}

} // namespace

QuantizationSpec quantizationSpec(const QuantizationConfig& config) {
    return {config.type, config.blocksize.value_or(QuantizationSpec().blocksize), config.doubleQuant};
}

QuantizationConfig quantizationFor(Method method) {
    QuantizationConfig config;
    if (method == Method::Full)
        config.type = QuantType::None;
    return config;
}

RunConfig parseRunConfig(std::string_view text, std::string_view source, std::span<const std::string> overrides) {
    nlohmann::json root = parseStrictJson(text, source);
    for (const std::string& assignment : overrides)
        applyOverride(root, assignment);
    RunConfig config = readRun(ObjectReader(root, "", source));
    validateRunConfig(config, source);
    return config;
}

RunConfig parseRunDraft(std::string_view text, std::string_view source) {
    nlohmann::json root = parseStrictJson(text, source);
    const auto isOpen = [](const nlohmann::json& object, const char* key) {
        return !object.contains(key) || object[key] == "";
    };
    // Stand-ins for what is required.
    const bool noModel = root.is_object() && isOpen(root, "model");
    if (noModel)
        root["model"] = "-";
    nlohmann::json* data = root.is_object() ? &root["data"] : nullptr;
    const bool noData = data != nullptr && (data->is_null() || (data->is_object() && isOpen(*data, "train")));
    if (noData)
        (*data)["train"] = "-";
    RunConfig config = readRun(ObjectReader(root, "", source));
    if (noModel)
        config.model.clear();
    if (noData)
        config.data.train.clear();
    return config;
}

RunConfig readRunConfig(const std::filesystem::path& path, std::span<const std::string> overrides) {
    return parseRunConfig(readTextFile(path, kLargestRunFile), path.string(), overrides);
}

} // namespace lorikeet
