// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_settings.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/train/strict_json.h"

namespace lorikeet {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kObjects[] = {"quantization", "lora", "data", "training", "every", "samples"};
/// Settings that are texts even where the text reads like a number.
constexpr std::string_view kTexts[] = {"name", "model", "data.train", "data.eval", "lora.init_from"};

Json formOf(const RunConfig& config) {
    return Json::parse(serialiseRunConfig(config));
}

std::string textOf(const Json& value) {
    if (value.is_null())
        return {};
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::pair<std::string, std::string>> flat(const Json& form) {
    std::vector<std::pair<std::string, std::string>> settings;
    for (const auto& [key, value] : form.items())
        if (std::ranges::count(kObjects, key) > 0)
            for (const auto& [inner, innerValue] : value.items())
                settings.emplace_back(key + "." + inner, textOf(innerValue));
        else
            settings.emplace_back(key, textOf(value));
    return settings;
}

std::string valueIn(const std::vector<std::pair<std::string, std::string>>& settings, std::string_view key) {
    const auto found = std::ranges::find(settings, key, &std::pair<std::string, std::string>::first);
    return found == settings.end() ? std::string() : found->second;
}

/// Where the value of a dotted key stands, which is made where it is absent.
Json& placeOf(Json& form, std::string_view key) {
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos)
        return form[std::string(key)];
    return form[std::string(key.substr(0, dot))][std::string(key.substr(dot + 1))];
}

void erase(Json& form, std::string_view key) {
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos)
        form.erase(std::string(key));
    else
        form[std::string(key.substr(0, dot))].erase(std::string(key.substr(dot + 1)));
}

bool isKnown(std::string_view key) {
    const std::vector<RunSetting> settings = flatSettings({});
    return key == "quantization.bits_per_parameter" || std::ranges::count(settings, key, &RunSetting::key) > 0;
}

RunConfig draftOf(const Json& form, std::string_view source) {
    return parseRunDraft(form.dump(), source);
}

void put(Json& form, std::string_view key, std::string_view value) {
    const bool isText = std::ranges::count(kTexts, key) > 0;
    if (value.empty() && key != "model" && key != "data.train") {
        // Absent is what null means, and the only form of it that every key allows.
        erase(form, key);
        if (key == "training.save_total_limit")
            placeOf(form, key) = nullptr;
        return;
    }
    placeOf(form, key) = !isText && Json::accept(value) ? Json::parse(value) : Json(value);
}

/// What blocks of 64 take in a large model.
double usualBits(const Json& quantization) {
    const bool isDouble = quantization.at("double_quant") == true;
    if (quantization.at("type") == "int8")
        return isDouble ? 8.15 : 8.55;
    return isDouble ? 4.15 : 4.55;
}

/// Blocksizes are chosen within some bits, where something is quantized: neither is without the other.
void matchBits(Json& quantization, std::string_view changed) {
    const bool isChosen = quantization.value("blocksize", Json(nullptr)) == "auto";
    const bool hasBits = quantization.contains("bits_per_parameter");
    if (changed == "quantization.blocksize" && isChosen && !hasBits)
        quantization["bits_per_parameter"] = usualBits(quantization);
    if (changed == "quantization.bits_per_parameter" && isChosen && !hasBits)
        quantization.erase("blocksize");
    if (changed == "quantization.type" && isChosen && quantization["type"] == "none")
        quantization.erase("blocksize");
    if (quantization.value("blocksize", Json(nullptr)) != "auto" && changed != "quantization.bits_per_parameter")
        quantization.erase("bits_per_parameter");
}

} // namespace

std::vector<RunSetting> flatSettings(const RunConfig& config) {
    static const std::vector<std::pair<std::string, std::string>> defaults = flat(formOf(RunConfig()));
    const std::vector<std::pair<std::string, std::string>> values = flat(formOf(config));
    std::vector<RunSetting> settings;
    for (const auto& [key, byDefault] : defaults)
        settings.push_back({key, valueIn(values, key), byDefault});
    for (const auto& [key, value] : values)
        if (std::ranges::count(settings, key, &RunSetting::key) == 0)
            settings.push_back({key, value, {}});
    return settings;
}

RunConfig withSetting(const RunConfig& config, std::string_view key, std::string_view value) {
    if (!isKnown(key))
        fail(ErrorCode::BadConfig, "run: {} is no setting", key);
    Json form = formOf(config);
    put(form, key, value);
    matchBits(form["quantization"], key);
    RunConfig changed = draftOf(form, "run");
    // A path may hold bytes that JSON cannot.
    const auto keep = [&](std::string_view name, std::string& to, const std::string& from) {
        if (name != key)
            to = from;
    };
    keep("model", changed.model, config.model);
    keep("data.train", changed.data.train, config.data.train);
    keep("data.eval", changed.data.eval, config.data.eval);
    keep("lora.init_from", changed.lora.initFrom, config.lora.initFrom);
    return changed;
}

RunConfig resetSetting(const RunConfig& config, std::string_view key) {
    static const std::vector<std::pair<std::string, std::string>> defaults = flat(formOf(RunConfig()));
    return withSetting(config, key, valueIn(defaults, key));
}

std::vector<RunViolation> refusedSettings(const RunConfig& config) {
    try {
        draftOf(formOf(config), "run");
        return {};
    } catch (const Error&) {
        // Which ones, is found out one by one.
    }
    std::vector<RunViolation> refused;
    for (const RunSetting& setting : flatSettings(config))
        try {
            if (!setting.isDefault())
                withSetting({}, setting.key, setting.value);
        } catch (const Error& error) {
            std::string_view message = error.message();
            message.remove_prefix(message.starts_with("run: ") ? 5 : 0);
            refused.push_back({error.code(), setting.key, std::string(message)});
        }
    return refused;
}

} // namespace lorikeet
