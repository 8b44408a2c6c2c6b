// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/bitsandbytes_checkpoint.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/formats/json_file.h"
#include "core/formats/messages.h"

namespace lorikeet {

namespace {

constexpr std::string_view kStateKey = ".quant_state.";
constexpr std::string_view kStatePrefix = ".quant_state.bitsandbytes__";

/// Reads the state of one weight and checks it against the tensors that are there.
class StateReader {
public:
    StateReader(const TensorFile& file, std::string_view name) : m_file(file), m_name(name) {}

    QuantizedData read() {
        readState();
        const TensorRecord& codes = m_file.at(m_name);
        const std::size_t wanted = std::size_t(m_data.shape.elements() + 1) / 2;
        const std::size_t unit = std::size_t(storedBlock(codes.type).bytes);
        if (codes.bytes.size() != (wanted + unit - 1) / unit * unit)
            fault("{} bytes of codes for the shape {}", codes.bytes.size(), m_data.shape.text());
        const auto* begin = reinterpret_cast<const uint8_t*>(codes.bytes.data());
        m_data.codes.assign(begin, begin + wanted);
        checkCodebook();
        if (m_data.spec.doubleQuant)
            readNestedScales();
        else
            readScales();
        return std::move(m_data);
    }

    QuantizationSpec readSpec() {
        readState();
        return m_data.spec;
    }

private:
    template <typename... Args>
    [[noreturn]] void fault(fmt::format_string<Args...> format, Args&&... args) const {
        failFile(m_file.path(), "the 4-bit weight {}: {}", quotedText(m_name),
                 fmt::vformat(format, fmt::make_format_args(args...)));
    }

    /// The one record that describes the weight.
    const TensorRecord& stateRecord() const {
        const TensorRecord* state = nullptr;
        for (const TensorRecord& record : m_file.tensors()) {
            if (!std::string_view(record.name).starts_with(m_name + std::string(kStateKey)))
                continue;
            if (state)
                fault("it has two states, {} and {}", quotedText(state->name), quotedText(record.name));
            state = &record;
        }
        if (!state)
            fault("it has no quant_state");
        return *state;
    }

    void readState() {
        const TensorRecord& record = stateRecord();
        if (record.type != StoredType::U8)
            fault("its quant_state is {}, not bytes", record.text());
        const nlohmann::json json =
            parseJsonFile(m_file.path(), {reinterpret_cast<const char*>(record.bytes.data()), record.bytes.size()});
        if (!json.is_object())
            fault("its quant_state is no object");
        constexpr std::string_view kKnown[] = {"quant_type",       "blocksize",    "dtype",        "shape",
                                               "nested_blocksize", "nested_dtype", "nested_offset"};
        for (const auto& [key, value] : json.items())
            if (std::ranges::find(kKnown, key) == std::end(kKnown))
                fault("its quant_state has the unknown key {}", quotedText(key));
        readType(json, record.name);
        readShape(json);
        m_data.spec.doubleQuant = m_file.find(m_name + ".nested_absmax") != nullptr;
        if (m_data.spec.doubleQuant != json.contains("nested_offset"))
            fault("nested_absmax and nested_offset must be there together");
        if (m_data.spec.doubleQuant)
            readNested(json);
    }

    void readType(const nlohmann::json& json, const std::string& key) {
        const std::string type = textOf(json, "quant_type", "");
        if (type != "nf4" && type != "fp4")
            fault("the quant_type {} is not nf4 or fp4", quotedText(type));
        if (key != m_name + std::string(kStatePrefix) + type)
            fault("the quant_type {} does not fit {}", quotedText(type), quotedText(key));
        m_data.spec.type = type == "nf4" ? QuantType::Nf4 : QuantType::Fp4;
        m_data.spec.blocksize = int(integer(json, "blocksize", kLargestBlocksize));
        if (m_data.spec.blocksize < kSmallestBlocksize || !std::has_single_bit(unsigned(m_data.spec.blocksize)))
            fault("the blocksize {} is not a power of two from {} to {}", m_data.spec.blocksize, kSmallestBlocksize,
                  kLargestBlocksize);
    }

    void readShape(const nlohmann::json& json) {
        const auto shape = json.find("shape");
        if (shape == json.end() || !shape->is_array() || shape->size() != 2)
            fault("its shape is not that of a matrix");
        int64_t dims[2];
        for (std::size_t i = 0; i < 2; ++i) {
            const nlohmann::json& dim = (*shape)[i];
            if (!dim.is_number_integer() || dim < 1 || dim > INT32_MAX)
                fault("its shape has the dimension {}", quotedText(dim.dump()));
            dims[i] = dim.get<int64_t>();
        }
        m_data.shape = {dims[0], dims[1]};
    }

    void readNested(const nlohmann::json& json) {
        const int64_t blocksize = integer(json, "nested_blocksize", INT32_MAX);
        const std::string dtype = textOf(json, "nested_dtype", "float32");
        if (blocksize != kNestedBlocksize || dtype != "float32")
            fail(ErrorCode::NotBuilt,
                 "{}: the 4-bit weight {}: nested blocks of {} {} are not built, only of {} float32",
                 m_file.path().string(), quotedText(m_name), blocksize, quotedText(dtype), kNestedBlocksize);
        const nlohmann::json& offset = json["nested_offset"];
        if (!offset.is_number() || !(std::abs(offset.get<double>()) <= std::numeric_limits<float>::max()))
            fault("its nested_offset is no finite number");
        m_data.nestedOffset = float(offset.get<double>());
    }

    std::string textOf(const nlohmann::json& json, const char* key, const char* fallback) const {
        const auto value = json.find(key);
        if (value != json.end() && !value->is_string())
            fault("its {} is no string", key);
        return value == json.end() ? std::string(fallback) : value->get<std::string>();
    }

    int64_t integer(const nlohmann::json& json, const char* key, int64_t largest) const {
        const auto value = json.find(key);
        if (value == json.end() || !value->is_number_integer() || *value < 1 || *value > largest)
            fault("its {} is missing or out of range", key);
        return value->get<int64_t>();
    }

    /// A vector of F32 beside the weight; every value finite.
    std::vector<float> floats(std::string_view suffix, int64_t count) const {
        const TensorRecord& record = m_file.at(m_name + std::string(suffix));
        if (record.type != StoredType::F32 || record.elements() != count)
            fault("{} is {}, but F32 [{}] is needed", suffix, record.text(), count);
        std::vector<float> values(static_cast<std::size_t>(count));
        decode(record, 0, values);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!std::isfinite(values[i]))
                fault("{} has the value {} at {}", suffix, values[i], i);
        return values;
    }

    void checkCodebook() const {
        const std::vector<float> map = floats(".quant_map", 16);
        const std::array<float, 16>& known = codebook(m_data.spec.type);
        for (std::size_t i = 0; i < 16; ++i)
            if (std::abs(map[i] - known[i]) > 1e-6f)
                fail(ErrorCode::NotBuilt, "{}: the 4-bit weight {} has a codebook of its own, which is not built",
                     m_file.path().string(), quotedText(m_name));
    }

    void readScales() {
        m_data.absmax = floats(".absmax", m_data.blocks());
        for (float scale : m_data.absmax)
            if (scale < 0)
                fault("absmax has the negative value {}", scale);
    }

    void readNestedScales() {
        const TensorRecord& codes = m_file.at(m_name + ".absmax");
        const int64_t blocks = m_data.blocks();
        if (codes.type != StoredType::U8 || codes.elements() != blocks)
            fault("absmax is {}, but U8 [{}] is needed", codes.text(), blocks);
        const auto* begin = reinterpret_cast<const uint8_t*>(codes.bytes.data());
        m_data.nestedCodes.assign(begin, begin + blocks);
        m_data.nestedAbsmax = floats(".nested_absmax", (blocks + kNestedBlocksize - 1) / kNestedBlocksize);
        m_data.nestedMap = floats(".nested_quant_map", 256);
        for (float scale : m_data.nestedAbsmax)
            if (scale < 0)
                fault("nested_absmax has the negative value {}", scale);
        const std::vector<float> scales = blockScales(m_data);
        for (std::size_t i = 0; i < scales.size(); ++i)
            if (!std::isfinite(scales[i]))
                fault("the nested scales make the absmax of block {} {}", i, scales[i]);
    }

    const TensorFile& m_file;
    std::string m_name;
    QuantizedData m_data;
};

} // namespace

bool isBitsandbytesWeight(const TensorFile& file, std::string_view name) {
    for (std::string_view type : {"nf4", "fp4"})
        if (file.find(fmt::format("{}{}{}", name, kStatePrefix, type)))
            return true;
    return false;
}

bool isBitsandbytesState(std::string_view name) {
    if (name.find(kStateKey) != std::string_view::npos)
        return true;
    for (std::string_view suffix : {".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"})
        if (name.ends_with(suffix))
            return true;
    return false;
}

QuantizedData readBitsandbytesWeight(const TensorFile& file, std::string_view name) {
    return StateReader(file, name).read();
}

QuantizationSpec readBitsandbytesSpec(const TensorFile& file, std::string_view name) {
    return StateReader(file, name).readSpec();
}

} // namespace lorikeet
