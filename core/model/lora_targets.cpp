// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/ranges.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/model/adapter.h"
#include "core/model/model_config.h"
#include "core/model/path_pattern.h"

namespace lorikeet {

namespace {

constexpr int kMaxRank = 65536;
constexpr std::size_t kMaxNames = 4096; // each is held against each layer

/// Whether PEFT takes a module for one of modules_to_save: it asks for no dot before the name.
bool isSaved(const std::string& path, const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return path.ends_with(name); });
}

bool isSuffix(std::string_view path, std::string_view name) {
    return path == name ||
           (path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '.');
}

/// Whether a layer that target_modules fits is saved whole and so gets no LoRA. Here PEFT does ask for the dot, and
/// then fails over a layer that would get both.
bool isSavedInstead(const std::string& path, const std::vector<std::string>& names) {
    if (!isSaved(path, names))
        return false;
    if (std::any_of(names.begin(), names.end(), [&](const std::string& name) { return isSuffix(path, name); }))
        return true;
    const auto name = std::find_if(names.begin(), names.end(), [&](const auto& each) { return path.ends_with(each); });
    fail(ErrorCode::BadConfig,
         "modules_to_save: \"{}\" fits {} too, by a part of a name, and target_modules fits it as well, which PEFT "
         "refuses: "
         "name whole parts, such as \"layers.0.mlp.down_proj\"",
         *name, path);
}

/// Decides by LoraSpec::targetModules; remembers which names of a list have met a layer.
class TargetMatcher {
public:
    explicit TargetMatcher(const LoraSpec& spec) {
        if (const auto* text = std::get_if<std::string>(&spec.targetModules)) {
            m_all = *text == "all-linear";
            if (!m_all)
                m_pattern = std::make_unique<PathPattern>(*text, "target_modules");
            for (const char* path : {"lm_head", "model.embed_tokens"})
                if (m_pattern && m_pattern->matches(path) && !isSaved(path, spec.modulesToSave))
                    fail(ErrorCode::NotBuilt, "target_modules: \"{}\" fits {}, and adapters on that are not built",
                         *text, path);
            return;
        }
        for (const std::string& name : std::get<std::vector<std::string>>(spec.targetModules)) {
            if (isSuffix("lm_head", name) || isSuffix("model.embed_tokens", name))
                fail(ErrorCode::NotBuilt, "target_modules: adapters on \"{}\" are not built", name);
            m_names.emplace_back(name, false);
        }
    }

    bool matches(std::string_view path) {
        if (m_all)
            return true;
        if (m_pattern)
            return m_pattern->matches(path);
        bool matched = false;
        for (auto& [name, met] : m_names)
            if (isSuffix(path, name))
                matched = met = true;
        return matched;
    }

    /// What the specification says, for messages.
    static std::string written(const LoraSpec& spec) {
        if (const auto* text = std::get_if<std::string>(&spec.targetModules))
            return fmt::format("\"{}\"", *text);
        return fmt::format("[\"{}\"]", fmt::join(std::get<std::vector<std::string>>(spec.targetModules), "\", \""));
    }

    void warnOfUnusedNames() const {
        for (const auto& [name, met] : m_names)
            if (!met)
                logWarning("target_modules: \"{}\" fits no layer of the model", name);
    }

private:
    bool m_all = false;
    std::unique_ptr<PathPattern> m_pattern;
    std::vector<std::pair<std::string, bool>> m_names;
};

/// rank_pattern or alpha_pattern: of the keys that fit a path's end, the alphabetically first decides.
template <typename T>
class PatternTable {
public:
    PatternTable(const std::map<std::string, T>& table, std::string_view key) {
        for (const auto& [expression, value] : table)
            m_entries.emplace_back(std::make_unique<PathPattern>("(.*\\.)?(" + expression + ")", key), value);
    }

    T lookUp(std::string_view path, T otherwise) const {
        for (const auto& [pattern, value] : m_entries)
            if (pattern->matches(path))
                return value;
        return otherwise;
    }

private:
    std::vector<std::pair<std::unique_ptr<PathPattern>, T>> m_entries;
};

[[noreturn]] void failWithoutTargets(const LoraSpec& spec) {
    std::vector<std::string> names;
    for (LinearRole role : kAllLinearRoles) {
        const std::string path = linearPath(0, role);
        names.push_back(path.substr(path.rfind('.') + 1));
    }
    fail(ErrorCode::BadConfig,
         "target_modules is {}, which fits no linear layer of the model; its layers are called {} (a text is a regular "
         "expression for whole paths such as {}, a list holds names)",
         TargetMatcher::written(spec), fmt::join(names, ", "), linearPath(0, kAllLinearRoles[0]));
}

void checkRank(std::string_view key, int rank) {
    if (rank < 1 || rank > kMaxRank)
        fail(ErrorCode::BadConfig, "{} is {}, expected 1 to {}", key, rank, kMaxRank);
}

void checkAlpha(std::string_view key, float alpha) {
    if (!(alpha > 0.0f) || !std::isfinite(alpha))
        fail(ErrorCode::BadConfig, "{} is {}, expected a positive number", key, alpha);
}

void checkCount(std::string_view key, std::size_t count) {
    if (count > kMaxNames)
        fail(ErrorCode::BadConfig, "{} has {} entries, at most {} are possible", key, count, kMaxNames);
}

void checkSpec(const LoraSpec& spec, int layers) {
    if (const auto* names = std::get_if<std::vector<std::string>>(&spec.targetModules))
        checkCount("target_modules", names->size());
    checkCount("modules_to_save", spec.modulesToSave.size());
    checkCount("rank_pattern", spec.rankPattern.size());
    checkCount("alpha_pattern", spec.alphaPattern.size());
    checkRank("r", spec.rank);
    checkAlpha("lora_alpha", spec.alpha);
    for (const auto& [name, rank] : spec.rankPattern)
        checkRank("rank_pattern: " + name, rank);
    for (const auto& [name, alpha] : spec.alphaPattern)
        checkAlpha("alpha_pattern: " + name, alpha);
    if (!(spec.dropout >= 0.0f && spec.dropout < 1.0f))
        fail(ErrorCode::BadConfig, "lora_dropout is {}, expected 0 or more and less than 1", spec.dropout);
    for (const std::string& name : spec.modulesToSave)
        if (name.empty())
            fail(ErrorCode::BadConfig, "modules_to_save: an empty name would fit every module");
    for (int layer : spec.layers)
        if (layer < 0 || layer >= layers)
            fail(ErrorCode::BadConfig, "layers_to_transform: {} is no layer of a model of {}", layer, layers);
}

} // namespace

std::vector<LoraTarget> loraTargets(const ModelConfig& config, const LoraSpec& spec) {
    checkSpec(spec, config.layers);
    TargetMatcher matcher(spec);
    const PatternTable<int> ranks(spec.rankPattern, "rank_pattern");
    const PatternTable<float> alphas(spec.alphaPattern, "alpha_pattern");
    std::vector<LoraTarget> targets;
    for (int layer = 0; layer < config.layers; ++layer) {
        if (!spec.layers.empty() && std::find(spec.layers.begin(), spec.layers.end(), layer) == spec.layers.end())
            continue;
        for (LinearRole role : kAllLinearRoles) {
            const std::string path = linearPath(layer, role);
            if (!matcher.matches(path) || isSavedInstead(path, spec.modulesToSave))
                continue;
            const int rank = ranks.lookUp(path, spec.rank);
            const float alpha = alphas.lookUp(path, spec.alpha);
            const double divisor = spec.useRslora ? std::sqrt(double(rank)) : double(rank);
            targets.push_back({layer, role, rank, float(double(alpha) / divisor)});
        }
    }
    if (targets.empty())
        failWithoutTargets(spec);
    matcher.warnOfUnusedNames();
    return targets;
}

std::vector<BaseTensor> savedTensors(const ModelConfig& config, const LoraSpec& spec) {
    if (spec.modulesToSave.empty())
        return {};
    // What PEFT would match, too: the modules that hold others, by the beginnings of paths.
    std::vector<BaseTensor> all = baseTensors(config);
    if (config.tiedEmbeddings)
        all.push_back({BaseTensor::Kind::Head});
    std::vector<BaseTensor> saved;
    std::vector<bool> met(spec.modulesToSave.size());
    for (const BaseTensor& tensor : all) {
        const std::string path = baseModulePath(tensor);
        if (isSaved(path, spec.modulesToSave))
            saved.push_back(tensor);
        for (std::size_t i = 0; i < met.size(); ++i) {
            const std::string& name = spec.modulesToSave[i];
            met[i] = met[i] || path.ends_with(name);
            for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
                if (path.substr(0, dot).ends_with(name))
                    fail(ErrorCode::NotBuilt,
                         "modules_to_save: \"{}\" is a group of modules, which is not built: name "
                         "what is in it, such as \"{}\"",
                         name, path);
        }
    }
    for (std::size_t i = 0; i < met.size(); ++i)
        if (!met[i])
            logWarning("modules_to_save: \"{}\" fits no module of the model", spec.modulesToSave[i]);
    return saved;
}

} // namespace lorikeet
