// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/lora_spec.h"

#include <set>

#include <fmt/ranges.h>

#include "core/base/decimal.h"
#include "core/base/error.h"

namespace lorikeet {
namespace {

using TargetModules = std::variant<std::string, std::vector<std::string>>;

template <typename Value>
std::string textOf(const Value& value) {
    return fmt::format("{}", value);
}

std::string textOf(const TargetModules& targets) {
    return std::visit([](const auto& value) { return fmt::format("{}", value); }, targets);
}

template <typename Value>
void adopt(std::optional<Value>& field, const Value& initial, std::string_view key, const std::string& folder) {
    if (field && *field != initial)
        fail(ErrorCode::BadConfig, "lora.{} is {}; allowed is {}, that of lora.init_from \"{}\", or no such key", key,
             textOf(*field), textOf(initial), folder);
    field = initial;
}

std::set<int> targetedLayers(const ModelConfig& model, LoraSpec spec, const TargetModules& targets) {
    spec.targetModules = targets;
    std::set<int> layers;
    for (const LoraTarget& target : loraTargets(model, spec))
        layers.insert(linearIndex(target.layer, target.role));
    return layers;
}

} // namespace

LoraSpec loraSpec(const LoraConfig& config) {
    LoraSpec spec;
    spec.rank = config.rank.value();
    spec.alpha = float(config.alpha.value());
    spec.dropout = float(config.dropout);
    spec.targetModules = config.targetModules.value();
    spec.useRslora = config.useRslora.value();
    spec.rankPattern = config.rankPattern.value();
    for (const auto& [path, alpha] : config.alphaPattern.value())
        spec.alphaPattern[path] = float(alpha);
    spec.useDora = config.useDora;
    spec.modulesToSave = config.modulesToSave;
    return spec;
}

void adoptInitialAdapter(LoraConfig& config, const LoraSpec& initial, const ModelConfig& model) {
    const std::string& folder = config.initFrom;
    if (config.targetModules &&
        targetedLayers(model, initial, *config.targetModules) == targetedLayers(model, initial, initial.targetModules))
        config.targetModules = initial.targetModules;
    adopt(config.rank, initial.rank, "r", folder);
    adopt(config.alpha, asDecimal(initial.alpha), "lora_alpha", folder);
    adopt(config.targetModules, initial.targetModules, "target_modules", folder);
    adopt(config.useRslora, initial.useRslora, "use_rslora", folder);
    adopt(config.rankPattern, initial.rankPattern, "rank_pattern", folder);
    std::map<std::string, double> alphas;
    for (const auto& [path, alpha] : initial.alphaPattern)
        alphas[path] = asDecimal(alpha);
    adopt(config.alphaPattern, alphas, "alpha_pattern", folder);
    if (config.useDora && !initial.useDora)
        fail(ErrorCode::BadConfig, "lora.use_dora is true; the adapter of lora.init_from \"{}\" was made without",
             folder);
    config.useDora = initial.useDora;
    if (!config.modulesToSave.empty() && config.modulesToSave != initial.modulesToSave)
        fail(ErrorCode::BadConfig,
             "lora.modules_to_save is {}; allowed is {}, that of lora.init_from \"{}\", or no such "
             "key",
             config.modulesToSave, initial.modulesToSave, folder);
    config.modulesToSave = initial.modulesToSave;
}

} // namespace lorikeet
