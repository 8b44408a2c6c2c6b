// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/model_library.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/tensor_file.h"
#include "core/jobs/model_license.h"
#include "core/text/tokenizer.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReferenceName = "model.json";
constexpr std::size_t kLargestReference = std::size_t(1) << 20;

constexpr std::size_t kLongestName = 100;

bool isNameLetter(unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) || c == '-' || c == '_' || c == '.';
}

bool isModelName(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), isNameLetter);
}

bool isGguf(const fs::path& path) {
    return path.extension() == ".gguf";
}

int64_t bytesOf(const fs::path& path) {
    std::error_code error;
    if (fs::is_regular_file(path, error))
        return int64_t(fs::file_size(path, error));
    int64_t bytes = 0;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
        if (it->is_regular_file(error))
            bytes += int64_t(it->file_size(error));
    return bytes;
}

/// Where the model of one folder of the library is; an empty path where there is none.
fs::path referredPath(const fs::path& reference) {
    const std::string text = readTextFile(reference, kLargestReference);
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("path") || !json["path"].is_string())
        fail(ErrorCode::BadFile, "{}: expected an object with the path of a model", reference.string());
    return json["path"].get<std::string>();
}

fs::path ownedPath(const fs::path& folder) {
    if (fs::exists(folder / "config.json"))
        return folder;
    for (const fs::path& entry : listFolder(folder))
        if (isGguf(entry))
            return entry;
    return {};
}

std::optional<LibraryModel> readEntry(const fs::path& folder) {
    LibraryModel model{.name = folder.filename().string()};
    const bool isReference = fs::exists(folder / kReferenceName);
    model.isOwned = !isReference;
    model.path = isReference ? referredPath(folder / kReferenceName) : ownedPath(folder);
    if (model.path.empty())
        return std::nullopt;
    model.isThere = fs::exists(model.path);
    model.bytes = model.isThere ? bytesOf(model.path) : 0;
    return model;
}

/// As readEntry, with what is wrong in place of an exception.
std::optional<LibraryModel> describeEntry(const fs::path& folder) {
    std::string problem;
    try {
        return readEntry(folder);
    } catch (const Error& error) {
        problem = error.message();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    return LibraryModel{.name = folder.filename().string(), .problem = problem};
}

std::string nameFor(const fs::path& path, const std::optional<std::string>& name) {
    std::string chosen = name ? *name : (isGguf(path) ? path.stem() : path.filename()).string();
    if (!name) { // "Llama 3 (copy)" is a folder that somebody has, and need not rename for this
        std::replace_if(chosen.begin(), chosen.end(), std::not_fn(isNameLetter), '-');
        chosen.resize(std::min(chosen.size(), kLongestName));
        if (chosen.starts_with('.'))
            chosen.front() = '-';
    }
    if (!isModelName(chosen))
        fail(ErrorCode::BadConfig, "model name \"{}\": letters, digits, '-', '_' and '.' are allowed, at most 100",
             chosen);
    return chosen;
}

} // namespace

std::vector<LibraryModel> listModels(const DataFolder& folder) {
    std::vector<LibraryModel> models;
    std::error_code error;
    for (fs::directory_iterator it(folder.models(), error), end; !error && it != end; it.increment(error)) {
        if (!it->is_directory() || !isModelName(it->path().filename().string()))
            continue;
        if (std::optional<LibraryModel> model = describeEntry(it->path()))
            models.push_back(std::move(*model));
    }
    std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return models;
}

LibraryModel addModel(const DataFolder& folder, const fs::path& path, const std::optional<std::string>& name) {
    if (!fs::exists(path))
        fail(ErrorCode::NotFound, "models add: {} is not there", path.string());
    const fs::path absolute = fs::canonical(path);
    readModelConfig(absolute);
    const std::string chosen = nameFor(absolute, name);
    const fs::path entry = folder.models() / chosen;
    if (fs::exists(entry))
        fail(ErrorCode::BadConfig, "models add: the name \"{}\" is taken; remove it first or give another", chosen);
    std::error_code error;
    fs::create_directories(entry, error);
    if (error)
        fail(ErrorCode::Io, "cannot create {}: {}", entry.string(), error.message());
    const nlohmann::ordered_json reference = {{"path", absolute.string()}};
    writeFileAtomically(entry / kReferenceName,
                        reference.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return readEntry(entry).value();
}

void removeModel(const DataFolder& folder, const std::string& name) {
    const fs::path entry = folder.models() / name;
    if (!isModelName(name) || !fs::is_directory(entry))
        fail(ErrorCode::NotFound, "models remove: no model is called \"{}\"", name);
    std::error_code error;
    fs::remove_all(entry, error);
    if (error)
        fail(ErrorCode::Io, "cannot remove {}: {}", entry.string(), error.message());
}

fs::path resolveModel(const DataFolder& folder, const std::string& model) {
    std::error_code error;
    if (fs::exists(model, error))
        return model;
    if (isModelName(model) && fs::is_directory(folder.models() / model, error)) {
        const std::optional<LibraryModel> entry = readEntry(folder.models() / model);
        if (entry && !entry->isThere)
            fail(ErrorCode::NotFound, "model \"{}\": its files were at {}, where nothing is any more", model,
                 entry->path.string());
        if (entry)
            return entry->path;
    }
    fail(ErrorCode::NotFound,
         "model \"{}\": neither a file or folder, nor a name in the library {} (see the command models list)", model,
         folder.models().string());
}

ModelInspection inspectModel(const fs::path& model) {
    ModelInspection inspection;
    inspection.path = model;
    inspection.config = readModelConfig(model);
    const std::unique_ptr<TensorFile> file = openTensorFile(model);
    for (const TensorRecord& tensor : file->tensors()) {
        inspection.tensors.push_back(
            {tensor.name, std::string(storedTypeName(tensor.type)), tensor.shape, int64_t(tensor.bytes.size())});
        inspection.parameters += tensor.elements();
        inspection.bytes += int64_t(tensor.bytes.size());
    }
    inspection.license = modelLicense(model, *file);
    inspection.hasChatTemplate = findChatTemplate(model).has_value();
    try {
        inspection.hasTokenizer = loadTokenizer(model) != nullptr;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::NotFound)
            throw;
    }
    return inspection;
}

} // namespace lorikeet
