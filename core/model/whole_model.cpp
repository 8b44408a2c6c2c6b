// SPDX-License-Identifier: GPL-3.0-or-later
// The adapter of a full finetuning: its copies are the model.
#include <algorithm>
#include <unordered_map>

#include "core/base/error.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_shards.h"
#include "core/model/adapter.h"
#include "core/model/base_model.h"
#include "core/model/model_files.h"
#include "core/model/model_tensors.h"

namespace lorikeet {

namespace {

std::vector<int64_t> dimensionsOf(const Shape& shape) {
    std::vector<int64_t> dimensions;
    for (int i = 0; i < shape.rank(); ++i)
        dimensions.push_back(shape[i]);
    return dimensions;
}

} // namespace

LoraAdapter LoraAdapter::whole(ExecutionContext& context, const ModelFiles& files, const LoadOptions& options,
                               bool trainable) {
    // Asked for first: files that do not fit the configuration are refused before memory is taken.
    const std::vector<ModelTensorFile> tensors = modelTensors(files);
    LoraAdapter adapter(context, files.config, trainable);
    std::unordered_map<std::string, const Parameter*> parameters;
    for (const Parameter& parameter : adapter.m_parameters)
        parameters[parameter.name] = &parameter;
    double total = 0.0, done = 0.0;
    for (const ModelTensorFile& tensor : tensors)
        total += double(tensor.record->bytes.size());
    WeightDecoder decoder(context, options.threads);
    for (const ModelTensorFile& tensor : tensors) {
        if (options.stop.stop_requested())
            fail(ErrorCode::Cancelled, "loading {}: cancelled", files.path());
        // A tied head that stands in the files all the same is the embedding.
        if (const auto found = parameters.find(tensor.name); found != parameters.end())
            decoder.dense(*tensor.record, found->second->value.view(), tensor.order);
        files.tensors->release(*tensor.record);
        done += double(tensor.record->bytes.size());
        if (options.progress)
            options.progress(done / total);
    }
    return adapter;
}

void LoraAdapter::saveWhole(ExecutionContext& context, const std::filesystem::path& folder) const {
    std::vector<TensorRecord> records;
    for (const Parameter& parameter : m_parameters)
        records.push_back({parameter.name, StoredType::F32, dimensionsOf(parameter.value.shape()), {}});
    SafetensorsShards file(folder, records);
    std::vector<float> host;
    for (const Parameter& parameter : m_parameters) {
        host.resize(std::size_t(parameter.value.shape().elements()));
        context.backend().download(context, parameter.value, host.data());
        file.write(std::as_bytes(std::span(host)));
    }
    file.commit();
}

void LoraAdapter::restoreWhole(ExecutionContext& context, const std::filesystem::path& folder) {
    const std::unique_ptr<TensorFile> file = openSafetensors(folder);
    if (file->tensors().size() != m_parameters.size())
        fail(ErrorCode::BadFile, "{}: it has {} tensors, the model of this run {}", file->path().string(),
             file->tensors().size(), m_parameters.size());
    for (const Parameter& parameter : m_parameters) {
        const TensorRecord& record = file->at(parameter.name);
        if (record.type != StoredType::F32 || record.shape != dimensionsOf(parameter.value.shape()))
            fail(ErrorCode::BadFile, "{}: {} is {}, but the model of this run has {}", file->path().string(),
                 record.name, record.text(), parameter.value.shape().text());
        context.backend().upload(context, record.bytes.data(), parameter.value);
        file->release(record);
    }
    expectChanges();
}

} // namespace lorikeet
