// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint_manifest.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/formats/json_file.h"
#include "core/train/state_json.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestManifest = std::size_t(1) << 20;

void requireFile(const fs::path& folder, const std::string& name, const nlohmann::json& facts) {
    const fs::path path = folder / name;
    const int64_t bytes = countIn(facts, "bytes");
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error)
        fail(ErrorCode::BadFile, "{}: the file is missing", path.string());
    if (int64_t(size) != bytes)
        fail(ErrorCode::BadFile, "{}: it has {} bytes, the manifest says {}", path.string(), size, bytes);
    if (sha256OfFile(path) != facts.at("sha256").get<std::string>())
        fail(ErrorCode::BadFile, "{}: its content is damaged (the SHA-256 is not that of the manifest)", path.string());
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
    for (const fs::path& file : listFolder(folder))
        files[file.filename().string()] = {{"bytes", sizeOf(file)}, {"sha256", sha256OfFile(file)}};
    const nlohmann::ordered_json manifest = {{"format", kCheckpointFormat}, {"step", step}, {"files", files}};
    writeFileAtomically(folder / kManifestFile, manifest.dump(1) + "\n");
}

int64_t requireManifest(const fs::path& folder, std::span<const std::string_view> names) {
    const fs::path path = folder / kManifestFile;
    if (std::error_code error; !fs::exists(path, error) && !error)
        fail(ErrorCode::BadFile, "{}: the file is missing: this is no whole checkpoint", path.string());
    const nlohmann::json manifest = parseJsonFile(path, readTextFile(path, kLargestManifest));
    try {
        if (const int64_t format = countIn(manifest, "format"); format != kCheckpointFormat)
            fail(format > kCheckpointFormat ? ErrorCode::NotBuilt : ErrorCode::BadFile,
                 "{}: the checkpoint has format {}, this version knows {}{}", path.string(), format, kCheckpointFormat,
                 format > kCheckpointFormat ? ": a newer Lorikeet wrote it" : "");
        const nlohmann::json& files = manifest.at("files");
        for (const std::string_view name : names)
            if (!files.contains(name))
                fail(ErrorCode::BadFile, "{}: it does not name {}, which a checkpoint has", path.string(), name);
        for (const auto& [name, facts] : files.items()) {
            if (fs::path(name).filename() != name || name == "..")
                fail(ErrorCode::BadFile, "{}: it names a file outside of its folder", path.string());
            requireFile(folder, name, facts);
        }
        return countIn(manifest, "step");
    } catch (const nlohmann::json::exception&) {
        fail(ErrorCode::BadFile, "{}: it is not the manifest of a checkpoint: a key is missing or of a wrong type",
             path.string());
    }
}

} // namespace lorikeet
