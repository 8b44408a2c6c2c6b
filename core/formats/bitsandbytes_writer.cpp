// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/formats/json_file.h"
#include "core/formats/messages.h"
#include "core/formats/safetensors.h"

namespace lorikeet {

namespace {

void checkType(QuantType type) {
    if (type != QuantType::Nf4 && type != QuantType::Fp4)
        fail(ErrorCode::InvalidArgument, "a bitsandbytes checkpoint holds nf4 or fp4, not {}", quantTypeName(type));
}

/// A float32 as Python prints it as a double: shortest, never without a point or an exponent.
std::string pythonFloat(float value) {
    std::string text = fmt::format("{}", double(value));
    if (text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
}

/// The JSON that bitsandbytes keeps beside a weight, byte for byte.
std::string stateText(const QuantizedData& data, std::string_view dtype) {
    std::string text = fmt::format(R"({{"quant_type": "{}", "blocksize": {}, "dtype": "{}", "shape": {})",
                                   quantTypeName(data.spec.type), data.spec.blocksize, dtype, data.shape.text());
    if (data.spec.doubleQuant)
        text += fmt::format(R"(, "nested_blocksize": {}, "nested_dtype": "float32", "nested_offset": {})",
                            kNestedBlocksize, pythonFloat(data.nestedOffset));
    return text + "}";
}

std::string configText(const std::filesystem::path& path, std::string_view baseConfig, const QuantizationSpec& spec,
                       std::string_view computeDtype, const std::vector<std::string>& skipModules) {
    nlohmann::json config = parseJsonFile(path, baseConfig);
    if (!config.is_object())
        failFile(path, "the base model's configuration is no JSON object");
    config["quantization_config"] = {
        {"quant_method", "bitsandbytes"},
        {"load_in_4bit", true},
        {"load_in_8bit", false},
        {"bnb_4bit_quant_type", quantTypeName(spec.type)},
        {"bnb_4bit_use_double_quant", spec.doubleQuant},
        {"bnb_4bit_compute_dtype", computeDtype},
        {"bnb_4bit_quant_storage", "uint8"},
        {"llm_int8_skip_modules", skipModules.empty() ? nlohmann::json(nullptr) : nlohmann::json(skipModules)}};
    return config.dump(2) + "\n";
}

} // namespace

BitsandbytesWriter::BitsandbytesWriter(const QuantizationSpec& spec) : m_spec(spec) {
    checkType(spec.type);
}

void BitsandbytesWriter::addBytes(std::string name, StoredType type, std::vector<int64_t> shape,
                                  std::span<const std::byte> bytes) {
    m_records.push_back({std::move(name), type, std::move(shape), bytes});
}

void BitsandbytesWriter::addQuantized(const std::string& name, QuantizedData data, std::string_view dtype) {
    checkType(data.spec.type);
    if (data.shape.rank() != 2)
        fail(ErrorCode::InvalidArgument, "a bitsandbytes checkpoint: {} is {}, not a matrix", quotedText(name),
             data.shape.text());
    const QuantizedData& kept = m_quantized.emplace_back(std::move(data));
    const std::string& state = m_states.emplace_back(stateText(kept, dtype));
    const auto addVector = [&](std::string_view suffix, StoredType type, const auto& values) {
        addBytes(name + std::string(suffix), type, {int64_t(values.size())}, std::as_bytes(std::span(values)));
    };
    addBytes(name, StoredType::U8, {int64_t(kept.codes.size()), 1}, std::as_bytes(std::span(kept.codes)));
    addVector(".quant_map", StoredType::F32, codebook(kept.spec.type));
    addVector(fmt::format(".quant_state.bitsandbytes__{}", quantTypeName(kept.spec.type)), StoredType::U8, state);
    if (!kept.spec.doubleQuant) {
        addVector(".absmax", StoredType::F32, kept.absmax);
        return;
    }
    addVector(".absmax", StoredType::U8, kept.nestedCodes);
    addVector(".nested_absmax", StoredType::F32, kept.nestedAbsmax);
    addVector(".nested_quant_map", StoredType::F32, kept.nestedMap);
}

void BitsandbytesWriter::write(const std::filesystem::path& folder, std::string_view baseConfig,
                               std::string_view computeDtype, const std::vector<std::string>& skipModules) const {
    const std::string config = configText(folder / "config.json", baseConfig, m_spec, computeDtype, skipModules);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        fail(ErrorCode::Io, "cannot make the folder {}: {}", folder.string(), error.message());
    writeSafetensors(folder / "model.safetensors", m_records);
    writeFileAtomically(folder / "config.json", config);
}

} // namespace lorikeet
