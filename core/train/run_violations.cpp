// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/train/optimizer_layout.h"
#include "core/train/run_config.h"
#include "core/train/run_config_words.h"
#include "core/train/run_settings.h"

namespace lorikeet {

namespace {

/// What a full finetuning has no use for: refused, for it would do nothing.
void addFullFinetuning(const RunConfig& config, std::vector<RunViolation>& violations) {
    if (config.quantization.type != QuantType::None)
        violations.push_back(
            {ErrorCode::BadConfig, "quantization.type",
             fmt::format("quantization.type is {}; with method \"full\" allowed is none: every weight is trained, and "
                         "quantized weights cannot be",
                         words::wordOf(words::kQuantTypes, config.quantization.type))});
    RunConfig plain;
    plain.method = Method::Full;
    plain.lora = config.lora;
    for (const RunSetting& setting : flatSettings(plain))
        if (setting.key.starts_with("lora.") && !setting.isDefault())
            violations.push_back(
                {ErrorCode::BadConfig, setting.key,
                 fmt::format("{} is {}; with method \"full\" there is no adapter, so allowed is {}, or no such key",
                             setting.key, setting.value.empty() ? "null" : setting.value,
                             setting.byDefault.empty() ? "null" : setting.byDefault)});
}

} // namespace

std::vector<RunViolation> violationsOf(const RunConfig& config) {
    const TrainingConfig& training = config.training;
    std::vector<RunViolation> violations;
    const auto requireTogether = [&](bool fits, const char* key, std::string what) {
        if (!fits)
            violations.push_back({ErrorCode::BadConfig, key, fmt::format("{}{}", key, what)});
    };
    const auto requireBuilt = [&](bool isBuilt, const char* key, std::string_view what) {
        if (!isBuilt)
            violations.push_back({ErrorCode::NotBuilt, key, fmt::format("{}{}: not built yet", key, what)});
    };
    requireTogether(training.schedule != Schedule::Constant || training.warmupSteps == 0, "training.warmup_steps",
                    fmt::format(" is {}; with lr_scheduler_type \"constant\" allowed is 0 (constant_with_warmup has a "
                                "warm-up)",
                                training.warmupSteps));
    requireTogether(config.quantization.blocksize || config.quantization.bitsPerParameter,
                    "quantization.bits_per_parameter",
                    " is missing; with blocksize \"auto\" it says how many bits a weight may take, with its scales");
    requireTogether(
        config.quantization.type != QuantType::None || config.quantization.blocksize, "quantization.blocksize",
        " is \"auto\"; with quantization.type \"none\" nothing is quantized, and there are no blocks to choose");
    requireTogether(config.data.eval.empty() || config.data.evalFraction == 0, "data.eval_fraction",
                    fmt::format(" is {}; with data.eval allowed is 0: one of the two gives the evaluation rows",
                                config.data.evalFraction));
    requireTogether(isPaged(training.optimizer) || !training.optimizerBudgetMb, "training.optim_budget_mb",
                    fmt::format(" is {}; with optim \"{}\" allowed is null: only paged optimizers have a budget",
                                training.optimizerBudgetMb.value_or(0.0),
                                words::wordOf(words::kOptimizers, training.optimizer)));
    const bool isEvaluated = (!config.data.eval.empty() || config.data.evalFraction > 0) && config.every.eval > 0;
    requireTogether(!training.earlyStoppingPatience || isEvaluated, "training.early_stopping_patience",
                    fmt::format(" is {}, but nothing is evaluated on the way; set data.eval or data.eval_fraction, and "
                                "every.eval",
                                training.earlyStoppingPatience.value_or(0)));
    if (config.method == Method::Full)
        addFullFinetuning(config, violations);

    requireBuilt(!config.data.sharePrefixes, "data.share_prefixes", " true");
    return violations;
}

void validateRunConfig(const RunConfig& config, std::string_view source) {
    for (const RunViolation& violation : violationsOf(config))
        fail(violation.code, "{}: {}", source, violation.message);
}

} // namespace lorikeet
