// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/data/data_config.h"
#include "core/tensor/dtype.h"
#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

struct QuantizationSpec;

enum class Method : uint8_t { Lora, Full };
enum class Schedule : uint8_t { Constant, ConstantWithWarmup, Linear, Cosine };
enum class OptimizerType : uint8_t { AdamW32Bit, AdamW8Bit, PagedAdamW32Bit, PagedAdamW8Bit };

/// How the base's linear layers are stored while an adapter is trained over them.
struct QuantizationConfig {
    QuantType type = QuantType::Nf4;
    std::optional<int> blocksize = 64; ///< absent: "auto", within bitsPerParameter
    bool doubleQuant = true;
    std::optional<double> bitsPerParameter;

    bool operator==(const QuantizationConfig&) const = default;
};

/// Where the blocksize is "auto", it is not that of the result. The type must not be none.
QuantizationSpec quantizationSpec(const QuantizationConfig& config);
/// What stands for a quantization that the run's file does not mention: a full finetuning trains the weights
/// themselves, and has none.
QuantizationConfig quantizationFor(Method method);

/// The adapter. The optional fields are present unless `initFrom` names an adapter that sets them.
struct LoraConfig {
    std::optional<int> rank = 16;
    std::optional<double> alpha = 16.0;
    double dropout = 0.0;
    /// A list of module names, or a string: "all-linear", else a regular expression that whole paths match.
    std::optional<std::variant<std::string, std::vector<std::string>>> targetModules = "all-linear";
    std::optional<bool> useRslora = false;
    bool useDora = false;
    std::optional<std::map<std::string, int>> rankPattern = std::map<std::string, int>{};
    std::optional<std::map<std::string, double>> alphaPattern = std::map<std::string, double>{};
    std::vector<std::string> modulesToSave;
    std::optional<double> loraPlusRatio; ///< learning rate of the B matrices over that of the A matrices
    std::string initFrom;                ///< folder of a PEFT adapter to go on from; empty: a fresh one

    bool operator==(const LoraConfig&) const = default;
};

struct TrainingConfig {
    std::optional<int64_t> maxSteps; ///< wins over epochs where present
    double epochs = 3.0;
    int batchSize = 4; ///< rows of a micro-batch
    int accumulationSteps = 4;
    double learningRate = 2e-4;
    Schedule schedule = Schedule::Constant;
    int64_t warmupSteps = 0;
    double weightDecay = 0.0;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double maxGradNorm = 0.3; ///< 0: no clipping
    OptimizerType optimizer = OptimizerType::PagedAdamW32Bit;
    std::optional<double> optimizerBudgetMb; ///< absent: nothing is paged
    double neftuneNoiseAlpha = 0.0;
    bool gradientCheckpointing = true;
    std::optional<int64_t> earlyStoppingPatience;
    std::optional<int64_t> saveTotalLimit = 2; ///< checkpoints that are kept beside the best one; absent: all
    uint64_t seed = 42;

    bool operator==(const TrainingConfig&) const = default;
};

/// Something is done every so many steps; 0: never.
struct EveryConfig {
    int64_t log = 1;
    int64_t eval = 50;
    int64_t sample = 50;
    int64_t save = 100;

    bool operator==(const EveryConfig&) const = default;
};

struct SamplesConfig {
    std::vector<std::string> prompts;
    int64_t maxNewTokens = 64;

    bool operator==(const SamplesConfig&) const = default;
};

/// Everything that determines a run, as the run's file holds it (design: "A run's file"). Paths are as written there.
struct RunConfig {
    std::string name;  ///< empty: unnamed
    std::string model; ///< a folder, a .gguf file, or a name of the library
    QuantizationConfig quantization;
    DType computeType = DType::BF16; ///< F32 or BF16
    Method method = Method::Lora; ///< Full: every weight is trained, without quantization, and `lora` is as by default
    LoraConfig lora;
    DataConfig data;
    TrainingConfig training;
    std::string kernels = "auto";
    EveryConfig every;
    SamplesConfig samples;

    bool operator==(const RunConfig&) const = default;
};

/// Reads a run's file. `overrides` are "dotted.key=value" (a value that is no JSON is taken as a string) and are
/// applied first; `source` names the file in messages. Throws BadConfig (key, value and what is allowed; an unknown key
/// with the nearest known one; a key that stands twice) and NotBuilt for a valid wish that this version cannot fulfil.
RunConfig parseRunConfig(std::string_view text, std::string_view source = "run file",
                         std::span<const std::string> overrides = {});

/// Bytes that a run's file may have.
inline constexpr std::size_t kLargestRunFile = std::size_t(16) << 20;

/// parseRunConfig of a file of at most kLargestRunFile bytes. Throws Io too.
RunConfig readRunConfig(const std::filesystem::path& path, std::span<const std::string> overrides = {});

/// The whole configuration as a run's file; parseRunConfig gives it back equal.
std::string serialiseRunConfig(const RunConfig& config);

/// parseRunConfig without the checks of validateRunConfig, and with an empty model and data.train: a run's file that is
/// being written. Throws BadConfig.
RunConfig parseRunDraft(std::string_view text, std::string_view source = "run file");

/// Values that do not fit together, or a wish that this version cannot fulfil.
struct RunViolation {
    ErrorCode code = ErrorCode::BadConfig; ///< or NotBuilt
    std::string key;                       ///< dotted: "training.warmup_steps"
    std::string message;
};

/// The checks that parseRunConfig makes on values that must fit together, and on what is not built yet; for a
/// configuration that was put together by a program.
std::vector<RunViolation> violationsOf(const RunConfig& config);
/// Throws the first of them.
void validateRunConfig(const RunConfig& config, std::string_view source = "run");

/// The word of a run's file for each value: "constant", "auto", "lora".
std::string_view scheduleName(Schedule schedule);
std::string_view templateChoiceName(TemplateChoice choice);
std::string_view rowFormatName(RowFormat format);
std::string_view methodName(Method method);
/// The type of a quantization word: "nf4", "fp4", "int4", "int8", "none". Throws BadConfig for another.
QuantType quantTypeFromName(std::string_view name);
/// "float32" or "bfloat16". Throws BadConfig for another.
DType computeTypeFromName(std::string_view name);

} // namespace lorikeet
