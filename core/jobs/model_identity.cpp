// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/model_identity.h"

#include <algorithm>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/sha256.h"
#include "core/formats/gguf_file.h"
#include "core/formats/json_file.h"

namespace lorikeet {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kPages = 8; ///< of a tensor, both ends included

void update(Sha256& hash, std::string_view text) {
    hash.update(std::as_bytes(std::span(text)));
}

/// A tensor's bytes, or some of them, at even distances.
void updateSampled(Sha256& hash, std::span<const std::byte> bytes) {
    if (bytes.size() <= kPages * kPage)
        return hash.update(bytes);
    for (std::size_t page = 0; page < kPages; ++page)
        hash.update(bytes.subspan((bytes.size() - kPage) / (kPages - 1) * page, kPage));
    hash.update(bytes.last(kPage));
}

/// What says how weights are used, without what tools write there of themselves.
std::string usageText(const std::filesystem::path& model) {
    if (!isGgufFile(model)) {
        nlohmann::json config = readJsonFile(model / "config.json");
        for (const char* note : {"transformers_version", "_name_or_path"})
            if (config.is_object())
                config.erase(note);
        return config.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    const GgufFile file(model);
    std::vector<std::string> lines;
    for (const std::string_view key : file.keys())
        if (key == "general.architecture" || (!key.starts_with("general.") && !key.starts_with("tokenizer.")))
            lines.push_back(fmt::format("{}={}\n", key, file.valueText(key)));
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines)
        text += line;
    return text;
}

} // namespace

std::string weightsIdentity(const std::filesystem::path& model) {
    const std::unique_ptr<TensorFile> file = openTensorFile(model);
    std::vector<const TensorRecord*> tensors;
    for (const TensorRecord& tensor : file->tensors())
        tensors.push_back(&tensor);
    std::ranges::sort(tensors, {}, [](const TensorRecord* tensor) { return std::string_view(tensor->name); });
    Sha256 hash;
    for (const TensorRecord* tensor : tensors) {
        update(hash, fmt::format("{}\n{}\n", tensor->name, tensor->text()));
        updateSampled(hash, tensor->bytes);
    }
    return hash.finish();
}

std::string modelIdentity(const std::filesystem::path& model) {
    Sha256 hash;
    update(hash, usageText(model));
    update(hash, weightsIdentity(model));
    return hash.finish();
}

} // namespace lorikeet
