// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files.h"

#include "core/base/error.h"
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

} // namespace lorikeet
