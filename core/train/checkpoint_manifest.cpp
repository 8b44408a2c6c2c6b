// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint_manifest.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/formats/json_file.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";
constexpr std::size_t kLargestManifest = std::size_t(1) << 20;

void requireFile(const fs::path& folder, const std::string& name, const nlohmann::json& facts) {
    const fs::path path = folder / name;
    const int64_t bytes = facts.at("bytes");
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error)
        fail(ErrorCode::BadFile, "{}: the file is missing", path.string());
    if (int64_t(size) != bytes)
        fail(ErrorCode::BadFile, "{}: it has {} bytes, the manifest says {}", path.string(), size, bytes);
    if (sha256OfFile(path) != facts.at("sha256").get<std::string>())
        fail(ErrorCode::BadFile, "{}: its content is damaged (the SHA-256 is not that of the manifest)", path.string());
}

std::vector<std::string> namesIn(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error)
        fail(ErrorCode::Io, "cannot list {}: {}", folder.string(), error.message());
    std::sort(names.begin(), names.end());
    return names;
}

std::uintmax_t sizeOf(const fs::path& path) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    if (error)
        fail(ErrorCode::Io, "cannot read the size of {}: {}", path.string(), error.message());
    return size;
}

} // namespace

void writeManifest(const fs::path& folder, int64_t step) {
    nlohmann::ordered_json files = nlohmann::ordered_json::object();
    for (const std::string& name : namesIn(folder))
        files[name] = {{"bytes", sizeOf(folder / name)}, {"sha256", sha256OfFile(folder / name)}};
    const nlohmann::ordered_json manifest = {{"format", kCheckpointFormat}, {"step", step}, {"files", files}};
    writeFileAtomically(folder / kManifest, manifest.dump(1) + "\n");
}

int64_t requireManifest(const fs::path& folder) {
    const fs::path path = folder / kManifest;
    if (!fs::exists(path))
        fail(ErrorCode::BadFile, "{}: the file is missing: this is no whole checkpoint", path.string());
    const nlohmann::json manifest = parseJsonFile(path, readTextFile(path, kLargestManifest));
    try {
        if (const int64_t format = manifest.at("format"); format != kCheckpointFormat)
            fail(format > kCheckpointFormat ? ErrorCode::NotBuilt : ErrorCode::BadFile,
                 "{}: the checkpoint has format {}, this version knows {}{}", path.string(), format, kCheckpointFormat,
                 format > kCheckpointFormat ? ": a newer Lorikeet wrote it" : "");
        for (const auto& [name, facts] : manifest.at("files").items()) {
            if (fs::path(name).filename() != name || name == "..")
                fail(ErrorCode::BadFile, "{}: it names a file outside of its folder", path.string());
            requireFile(folder, name, facts);
        }
        return manifest.at("step");
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::BadFile, "{}: it is not the manifest of a checkpoint: a key is missing or of a wrong type",
             path.string());
    }
}

} // namespace lorikeet
