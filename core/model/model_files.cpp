// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/formats/gguf_file.h"
#include "core/formats/safetensors.h"

namespace lorikeet {

ModelFiles openModelFiles(const std::filesystem::path& model) {
    ModelFiles files;
    if (!std::filesystem::exists(model))
        fail(ErrorCode::NotFound, "{}: there is no such model folder or file", model.string());
    if (std::filesystem::is_directory(model)) {
        files.config = readModelConfig(model);
        files.tensors = openSafetensors(model);
        files.names = &huggingFaceNames();
        return files;
    }
    auto gguf = std::make_unique<GgufFile>(model);
    files.config = modelConfigOf(*gguf, model);
    files.permutedRows = modelFamily(files.config.architecture, model.string()).ggufPermuted;
    files.tensors = std::move(gguf);
    files.names = &ggufNames();
    return files;
}

void untieOtherHead(ModelFiles& files) {
    const std::string name = files.names->of(ModelTensor::Head);
    const TensorRecord* head = files.config.tiedEmbeddings ? files.tensors->find(name) : nullptr;
    const TensorRecord* embedding = head ? files.tensors->find(files.names->of(ModelTensor::Embedding)) : nullptr;
    if (!embedding || (head->type == embedding->type && std::ranges::equal(head->bytes, embedding->bytes)))
        return;
    // As transformers 5 does where the file contradicts the flag.
    logWarning("{}: tie_word_embeddings is true, but {} differs from the embedding: both are used", files.path(), name);
    files.config.tiedEmbeddings = false;
}

const TensorRecord& requireTensor(const ModelFiles& files, const std::string& name, const std::vector<int64_t>& shape) {
    const TensorRecord& record = files.tensors->at(name);
    if (record.shape != shape)
        fail(ErrorCode::BadFile, "{}: {} is {}, but the configuration asks for [{}]", files.path(), name, record.text(),
             fmt::join(shape, ", "));
    return record;
}

void failExtraTensor(const ModelFiles& files, const TensorRecord& record) {
    fail(ErrorCode::BadFile, "{}: {} {} has no place in a {} model of {} layers", files.path(), record.name,
         record.text(), files.config.architecture, files.config.layers);
}

RowOrder storedRowOrder(const ModelFiles& files, LinearRole role) {
    const bool permuted = files.permutedRows && (role == LinearRole::Query || role == LinearRole::Key);
    return permuted ? unpermutedRows(files.config.headDim) : RowOrder();
}

} // namespace lorikeet
