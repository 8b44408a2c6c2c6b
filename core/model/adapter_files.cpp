// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <unordered_map>

#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/formats/peft_adapter.h"
#include "core/model/adapter.h"
#include "core/model/model_config.h"

namespace lorikeet {

namespace {

LoraSpec specOf(const PeftConfig& config) {
    LoraSpec spec;
    spec.rank = config.rank;
    spec.alpha = float(config.alpha);
    spec.dropout = float(config.dropout);
    spec.targetModules = config.targetModules;
    spec.useRslora = config.useRslora;
    spec.rankPattern = config.rankPattern;
    for (const auto& [name, alpha] : config.alphaPattern)
        spec.alphaPattern[name] = float(alpha);
    spec.layers = config.layersToTransform;
    spec.useDora = config.useDora;
    spec.modulesToSave = config.modulesToSave;
    return spec;
}

PeftConfig peftConfigOf(const LoraSpec& spec, const std::string& baseModelName) {
    PeftConfig config;
    config.baseModel = baseModelName;
    config.rank = spec.rank;
    config.alpha = asDecimal(spec.alpha);
    config.dropout = asDecimal(spec.dropout);
    config.targetModules = spec.targetModules;
    config.useRslora = spec.useRslora;
    config.rankPattern = spec.rankPattern;
    for (const auto& [name, alpha] : spec.alphaPattern)
        config.alphaPattern[name] = asDecimal(alpha);
    config.layersToTransform = spec.layers;
    config.useDora = spec.useDora;
    config.modulesToSave = spec.modulesToSave;
    if (spec.targetModules == decltype(spec.targetModules)("all-linear")) {
        // As PEFT writes it: what the word meant for this model.
        std::set<std::string> names;
        for (LinearRole role : kAllLinearRoles) {
            const std::string path = linearPath(0, role);
            names.insert(path.substr(path.rfind('.') + 1));
        }
        config.targetModules = std::vector<std::string>(names.begin(), names.end());
    }
    return config;
}

std::vector<int64_t> dimensionsOf(const Parameter& parameter) {
    const Shape& shape = parameter.value.shape();
    std::vector<int64_t> dimensions;
    for (int i = 0; i < shape.rank(); ++i)
        dimensions.push_back(shape[i]);
    return dimensions;
}

void uploadRecord(ExecutionContext& context, const TensorRecord& record, const std::string& file,
                  const Parameter& parameter) {
    const Shape& shape = parameter.value.shape();
    if (record.shape != dimensionsOf(parameter))
        fail(ErrorCode::BadFile, "{}: {} is {}, but the model and the configuration ask for {}", file, record.name,
             record.text(), shape.text());
    std::vector<float> values(std::size_t(record.elements()));
    decode(record, 0, values);
    context.backend().upload(context, values.data(), parameter.value);
}

} // namespace

LoraAdapter LoraAdapter::load(ExecutionContext& context, const ModelConfig& model, const std::filesystem::path& folder,
                              bool trainable) {
    const PeftAdapter stored = openPeftAdapter(folder);
    const std::string file = stored.file->path().string();
    const auto make = [&] {
        try {
            return LoraAdapter(context, model, specOf(stored.config), trainable);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::BadConfig)
                fail(ErrorCode::BadFile, "{}: {}", (folder / kPeftConfigFile).string(), error.message());
            throw;
        }
    };
    LoraAdapter adapter = make();
    std::unordered_map<std::string, const TensorRecord*> records = stored.byName();
    for (const Parameter& parameter : adapter.m_parameters) {
        const auto found = records.find(parameter.name);
        if (found == records.end())
            fail(ErrorCode::BadFile, "{}: there is no tensor {}, which the configuration asks for", file,
                 parameter.name);
        uploadRecord(context, *found->second, file, parameter);
        records.erase(found);
    }
    if (!records.empty())
        fail(ErrorCode::BadFile, "{}: the tensor {}, which the configuration does not name or the model lacks", file,
             std::min_element(records.begin(), records.end())->first);
    return adapter;
}

void LoraAdapter::save(ExecutionContext& context, const std::filesystem::path& folder,
                       const std::string& baseModelName) const {
    std::vector<TensorRecord> records;
    for (const Parameter& parameter : m_parameters)
        records.push_back({parameter.name, StoredType::F32, dimensionsOf(parameter), {}});
    std::vector<float> host;
    writePeftAdapter(folder, peftConfigOf(m_spec, baseModelName), std::move(records), [&](std::size_t index) {
        const Tensor& value = m_parameters[index].value;
        host.resize(std::size_t(value.elements()));
        context.backend().download(context, value, host.data());
        return std::as_bytes(std::span(std::as_const(host)));
    });
}

} // namespace lorikeet
