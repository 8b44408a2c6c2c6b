// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/formats/json_file.h"
#include "core/formats/messages.h"
#include "core/formats/peft_adapter.h"

namespace lorikeet {

namespace {

using Json = nlohmann::json;

/// Keys of PEFT 0.21 that are not built here, and the only value that is written and, beside null, false and empty
/// ones, accepted.
Json unbuiltKeys() {
    return {{"alora_invocation_tokens", nullptr},
            {"arrow_config", nullptr},
            {"bias", "none"},
            {"corda_config", nullptr},
            {"ensure_weight_tying", false},
            {"eva_config", nullptr},
            {"exclude_modules", nullptr},
            {"kasa_config", nullptr},
            {"layer_replication", nullptr},
            {"layers_pattern", nullptr},
            {"loftq_config", Json::object()},
            {"lora_bias", false},
            {"lora_ga_config", nullptr},
            {"megatron_config", nullptr},
            {"megatron_core", "megatron.core"},
            {"monteclora_config", nullptr},
            {"qalora_group_size", 16},
            {"target_parameters", nullptr},
            {"trainable_token_indices", nullptr},
            {"use_bdlora", nullptr},
            {"use_qalora", false},
            {"velora_config", nullptr}};
}

/// True for null, false, an empty string, list or object: an option that is not used.
bool isOff(const Json& value) {
    return value.is_null() || value == Json(false) || (value.is_structured() && value.empty()) || value == Json("");
}

/// Reads the keys of one adapter_config.json.
class Reader {
public:
    Reader(const std::filesystem::path& path, const Json& json) : m_path(path), m_json(json) {}

    PeftConfig read() {
        if (!m_json.is_object())
            failFile(m_path, "the JSON is no object");
        if (!m_json.contains("peft_type"))
            failFile(m_path, "peft_type is missing: this is no adapter of PEFT");
        PeftConfig config;
        for (const auto& [key, value] : m_json.items())
            readKey(key, value, config);
        if (!m_json.contains("target_modules"))
            failFile(m_path, "target_modules is missing");
        return config;
    }

private:
    void readKey(const std::string& key, const Json& value, PeftConfig& config) {
        m_key = &key;
        static const std::map<std::string, void (Reader::*)(const Json&, PeftConfig&), std::less<>> kReaders{
            {"base_model_name_or_path", &Reader::readBaseModel},
            {"revision", &Reader::readRevision},
            {"task_type", &Reader::readTaskType},
            {"peft_type", &Reader::readPeftType},
            {"r", &Reader::readRank},
            {"lora_alpha", &Reader::readAlpha},
            {"lora_dropout", &Reader::readDropout},
            {"target_modules", &Reader::readTargetModules},
            {"use_rslora", &Reader::readRslora},
            {"rank_pattern", &Reader::readRankPattern},
            {"alpha_pattern", &Reader::readAlphaPattern},
            {"layers_to_transform", &Reader::readLayers},
            {"init_lora_weights", &Reader::readInit},
            {"modules_to_save", &Reader::readModulesToSave},
            {"use_dora", &Reader::readDora},
            {"fan_in_fan_out", &Reader::readFanInFanOut},
            {"inference_mode", &Reader::readInferenceMode},
            // Say how PEFT finds the base model's class and who wrote the file; they change no value.
            {"auto_mapping", &Reader::ignore},
            {"peft_version", &Reader::ignore},
        };
        if (const auto reader = kReaders.find(key); reader != kReaders.end())
            return (this->*reader->second)(value, config);
        static const Json kUnbuilt = unbuiltKeys();
        const auto unbuilt = kUnbuilt.find(key);
        if (!isOff(value) && (unbuilt == kUnbuilt.end() || value != *unbuilt))
            failUnbuilt(value);
    }

    void readBaseModel(const Json& value, PeftConfig& config) { config.baseModel = optionalText(value); }
    void readRevision(const Json& value, PeftConfig& config) { config.revision = optionalText(value); }
    void readRank(const Json& value, PeftConfig& config) { config.rank = positiveInteger(value); }
    void readAlpha(const Json& value, PeftConfig& config) { config.alpha = number(value); }
    void readRslora(const Json& value, PeftConfig& config) { config.useRslora = truth(value); }
    void readDora(const Json& value, PeftConfig& config) { config.useDora = truth(value); }
    void readFanInFanOut(const Json& value, PeftConfig& config) { config.fanInFanOut = truth(value); }
    void readInferenceMode(const Json& value, PeftConfig& config) { config.inferenceMode = truth(value); }
    void ignore(const Json&, PeftConfig&) {}

    void readPeftType(const Json& value, PeftConfig&) {
        if (value != "LORA")
            failUnbuilt(value);
    }

    void readTaskType(const Json& value, PeftConfig& config) {
        config.taskType = optionalText(value);
        if (!config.taskType.empty() && config.taskType != "CAUSAL_LM")
            failUnbuilt(value);
    }

    void readDropout(const Json& value, PeftConfig& config) {
        config.dropout = number(value);
        if (config.dropout < 0 || config.dropout >= 1)
            failValue(value, "a number from 0 up to, not including, 1");
    }

    void readTargetModules(const Json& value, PeftConfig& config) {
        if (value.is_null()) // PEFT then has a list of its own for each family, which changes with its version
            failUnbuilt(value);
        if (value.is_string())
            config.targetModules = value.get<std::string>();
        else
            config.targetModules = texts(value);
        if (value.empty() || value == Json(""))
            failValue(value, "a pattern or a list of names");
    }

    void readModulesToSave(const Json& value, PeftConfig& config) {
        if (!value.is_null())
            config.modulesToSave = texts(value);
        if (std::ranges::count(config.modulesToSave, "") > 0)
            failValue(value, "a list of names");
    }

    void readRankPattern(const Json& value, PeftConfig& config) {
        forEachEntry(value, [&](const std::string& name, const Json& rank) {
            config.rankPattern[name] = positiveInteger(rank);
        });
    }

    void readAlphaPattern(const Json& value, PeftConfig& config) {
        forEachEntry(value,
                     [&](const std::string& name, const Json& alpha) { config.alphaPattern[name] = number(alpha); });
    }

    void readLayers(const Json& value, PeftConfig& config) {
        if (value.is_null())
            return;
        for (const Json& layer : value.is_array() ? value : Json::array({value})) {
            if (!layer.is_number_integer() || layer < 0 || layer > std::numeric_limits<int>::max())
                failValue(value, "a layer's number or a list of them");
            config.layersToTransform.push_back(layer.get<int>());
        }
    }

    void readInit(const Json& value, PeftConfig& config) {
        if (value == Json("gaussian"))
            config.init = PeftConfig::Init::Gaussian;
        else if (value.is_boolean())
            config.init = value.get<bool>() ? PeftConfig::Init::Default : PeftConfig::Init::None;
        else // such as PiSSA and OLoRA, which also change the base model
            failUnbuilt(value);
    }

    template <typename Body>
    void forEachEntry(const Json& value, const Body& body) {
        if (value.is_null())
            return;
        if (!value.is_object())
            failValue(value, "an object");
        for (const auto& [name, entry] : value.items())
            body(name, entry);
    }

    std::string optionalText(const Json& value) const {
        if (!value.is_null() && !value.is_string())
            failValue(value, "a string or null");
        return value.is_null() ? std::string() : value.get<std::string>();
    }

    std::vector<std::string> texts(const Json& value) const {
        if (!value.is_array())
            failValue(value, "a string or a list of strings");
        std::vector<std::string> result;
        for (const Json& entry : value) {
            if (!entry.is_string())
                failValue(value, "a string or a list of strings");
            result.push_back(entry.get<std::string>());
        }
        return result;
    }

    int positiveInteger(const Json& value) const {
        if (!value.is_number_integer() || value < 1 || value > std::numeric_limits<int>::max())
            failValue(value, "a positive integer");
        return value.get<int>();
    }

    double number(const Json& value) const {
        if (!value.is_number() || !std::isfinite(value.get<double>()))
            failValue(value, "a number");
        return value.get<double>();
    }

    bool truth(const Json& value) const {
        if (!value.is_boolean() && !value.is_null())
            failValue(value, "true or false");
        return value == Json(true);
    }

    [[noreturn]] void failValue(const Json& value, std::string_view wanted) const {
        failFile(m_path, "{} is {}, where {} is wanted", quotedText(*m_key), quotedText(value.dump()), wanted);
    }

    [[noreturn]] void failUnbuilt(const Json& value) const {
        fail(ErrorCode::NotBuilt, "{}: {} is {}, which is not built yet: the adapter would not answer as it should",
             m_path.string(), quotedText(*m_key), quotedText(value.dump()));
    }

    const std::filesystem::path& m_path;
    const Json& m_json;
    const std::string* m_key = nullptr;
};

/// A number as Python writes it: whole ones of lora_alpha without a fraction.
Json wholeOrReal(double value) {
    if (value == std::floor(value) && std::abs(value) < 1e15)
        return int64_t(value);
    return value;
}

Json nullIfEmpty(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

} // namespace

PeftConfig readPeftConfig(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kPeftConfigFile;
    const Json json = readJsonFile(path);
    return Reader(path, json).read();
}

std::string peftConfigText(const PeftConfig& config) {
    Json json = unbuiltKeys();
    json["peft_type"] = "LORA";
    json["auto_mapping"] = nullptr;
    json["base_model_name_or_path"] = nullIfEmpty(config.baseModel);
    json["revision"] = nullIfEmpty(config.revision);
    json["task_type"] = nullIfEmpty(config.taskType);
    json["r"] = config.rank;
    json["lora_alpha"] = wholeOrReal(config.alpha);
    json["lora_dropout"] = config.dropout;
    std::visit([&](const auto& modules) { json["target_modules"] = modules; }, config.targetModules);
    json["use_rslora"] = config.useRslora;
    json["rank_pattern"] = config.rankPattern;
    json["alpha_pattern"] = Json::object();
    for (const auto& [name, alpha] : config.alphaPattern)
        json["alpha_pattern"][name] = wholeOrReal(alpha);
    json["layers_to_transform"] = config.layersToTransform.empty() ? Json(nullptr) : Json(config.layersToTransform);
    json["use_dora"] = config.useDora;
    json["modules_to_save"] = config.modulesToSave.empty() ? Json(nullptr) : Json(config.modulesToSave);
    json["fan_in_fan_out"] = config.fanInFanOut;
    json["inference_mode"] = config.inferenceMode;
    if (config.init == PeftConfig::Init::Gaussian)
        json["init_lora_weights"] = "gaussian";
    else
        json["init_lora_weights"] = config.init == PeftConfig::Init::Default;
    constexpr bool kEscapeAllButAscii = true;
    // A folder's name may be any bytes, which must not cost a trained adapter.
    return json.dump(2, ' ', kEscapeAllButAscii, Json::error_handler_t::replace);
}

} // namespace lorikeet
