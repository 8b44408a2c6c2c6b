// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/dataset_library.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/row_reader.h"
#include "core/jobs/quick_start.h"
#include "core/train/run_config.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kEntryName = "dataset.json";
constexpr std::size_t kLargestEntry = std::size_t(1) << 20, kLongestName = 100;

/// A file as it was when its rows were counted.
struct FileState {
    int64_t bytes = 0, changed = 0;

    bool operator==(const FileState&) const = default;
};

std::optional<FileState> stateOf(const fs::path& file) {
    std::error_code noSize, noTime;
    const auto bytes = fs::file_size(file, noSize);
    const auto changed = fs::last_write_time(file, noTime);
    if (noSize || noTime)
        return std::nullopt;
    return FileState{int64_t(bytes), int64_t(changed.time_since_epoch().count())};
}

bool isDatasetName(std::string_view name) {
    const auto isAllowed = [](unsigned char c) { return c >= 0x20 && c != 0x7f && c != '/'; };
    return !name.empty() && name.size() <= kLongestName && name.front() != '.' && name.front() != ' ' &&
           name.back() != ' ' && name != kStarterDataset && std::all_of(name.begin(), name.end(), isAllowed);
}

void requireName(const std::string& name) {
    if (!isDatasetName(name))
        fail(
            ErrorCode::BadConfig,
            "dataset name \"{}\": at most {} characters without '/', not beginning with '.' or a space, and not \"{}\"",
            name, kLongestName, kStarterDataset);
}

/// The folder of a dataset that is there and can be changed.
fs::path requireEntry(const DataFolder& folder, const std::string& name) {
    if (name == kStarterDataset)
        fail(ErrorCode::BadConfig, "dataset \"{}\": it comes with the program and cannot be changed", name);
    const fs::path entry = folder.datasets() / name;
    std::error_code error;
    if (!isDatasetName(name) || !fs::is_directory(entry, error))
        fail(ErrorCode::NotFound, "no dataset is called \"{}\"", name);
    return entry;
}

/// The "data" object of a run's file, read and written as a run's file is.
DataConfig parsedData(const Json& data, const std::string& source) {
    return parseRunConfig(Json{{"model", "any"}, {"data", data}}.dump(), source).data;
}

Json dataJson(const DataConfig& data) {
    RunConfig config;
    config.model = "any";
    config.data = data;
    return Json::parse(serialiseRunConfig(config)).at("data");
}

void lookAtFile(LibraryDataset& dataset) {
    const std::optional<FileState> state = stateOf(dataset.data.train);
    dataset.isThere = state.has_value();
    dataset.bytes = state ? state->bytes : 0;
}

LibraryDataset readEntry(const fs::path& entry) {
    const std::string source = (entry / kEntryName).string();
    const Json json = Json::parse(readTextFile(entry / kEntryName, kLargestEntry), nullptr, false);
    if (!json.is_object() || !json.contains("data"))
        fail(ErrorCode::BadFile, "{}: expected an object with the data of a run's file", source);
    LibraryDataset dataset{.name = entry.filename().string()};
    try {
        dataset.data = parsedData(json["data"], source);
        if (json.contains("rows")) {
            const FileState counted{json.at("bytes").get<int64_t>(), json.at("changed").get<int64_t>()};
            const auto rows = json["rows"].get<int64_t>();
            if (stateOf(dataset.data.train) == counted)
                dataset.rows = rows;
        }
    } catch (const Json::exception& fault) {
        fail(ErrorCode::BadFile, "{}: {}", source, fault.what());
    } catch (const Error& error) {
        fail(ErrorCode::BadFile, "{}", error.message()); // not a word of the user's here
    }
    lookAtFile(dataset);
    return dataset;
}

void writeEntry(const fs::path& entry, const DataConfig& data, std::optional<int64_t> rows) {
    Json json = {{"data", dataJson(data)}};
    if (const std::optional<FileState> state = stateOf(data.train); rows && state) {
        json["rows"] = *rows;
        json["bytes"] = state->bytes;
        json["changed"] = state->changed;
    }
    writeFileAtomically(entry / kEntryName, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

LibraryDataset starterDataset() {
    LibraryDataset dataset{.name = kStarterDataset, .isBuiltIn = true};
    try {
        dataset.data = quickStartConfig("", std::nullopt).data;
        dataset.data.eval.clear();
        lookAtFile(dataset);
    } catch (const Error& error) {
        dataset.problem = error.message();
    }
    return dataset;
}

DataConfig withAbsolutePath(DataConfig data) {
    data.train = fs::absolute(data.train).lexically_normal().string();
    static_cast<void>(parsedData(dataJson(data), "dataset")); // refuses what a run's file may not hold
    return data;
}

/// A name that nobody has, from the file's name and where that is taken also its folder's.
std::string freeName(const DataFolder& folder, const fs::path& file) {
    const auto isFree = [&](const std::string& name) {
        return isDatasetName(name) && !fs::exists(folder.datasets() / name);
    };
    const std::string stem = file.stem().string();
    const std::string longer = file.parent_path().filename().string() + " " + stem;
    for (const std::string& name : {stem, longer})
        if (isFree(name))
            return name;
    for (int number = 2; number < 1000; ++number)
        if (const std::string name = fmt::format("{} {}", stem, number); isFree(name))
            return name;
    return "dataset";
}

} // namespace

std::vector<LibraryDataset> listDatasets(const DataFolder& folder) {
    std::vector<LibraryDataset> datasets{starterDataset()};
    std::error_code error;
    for (fs::directory_iterator it(folder.datasets(), error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        std::error_code unreadable;
        if (!isDatasetName(name) || !it->is_directory(unreadable))
            continue;
        try {
            datasets.push_back(readEntry(it->path()));
        } catch (const Error& fault) {
            datasets.push_back({.name = name, .problem = fault.message()});
        }
    }
    std::sort(datasets.begin() + 1, datasets.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return datasets;
}

LibraryDataset getDataset(const DataFolder& folder, const std::string& name) {
    return name == kStarterDataset ? starterDataset() : readEntry(requireEntry(folder, name));
}

LibraryDataset addDataset(const DataFolder& folder, const DataConfig& wanted, const std::optional<std::string>& name) {
    std::error_code error;
    if (!fs::exists(wanted.train, error))
        fail(ErrorCode::NotFound, "dataset {}: there is no such file", wanted.train);
    const DataConfig data = withAbsolutePath(wanted);
    const int64_t rows = openRows(data.train)->rowCount();
    const std::string chosen = name ? *name : freeName(folder, data.train);
    requireName(chosen);
    const fs::path entry = folder.datasets() / chosen;
    fs::create_directories(folder.datasets(), error);
    const bool isNew = !error && fs::create_directory(entry, error);
    if (error)
        fail(ErrorCode::Io, "cannot create {}: {}", entry.string(), error.message());
    if (!isNew)
        fail(ErrorCode::BadConfig, "the dataset name \"{}\" is taken; remove that one first or give another", chosen);
    try {
        writeEntry(entry, data, rows);
    } catch (const Error&) {
        fs::remove_all(entry, error);
        throw;
    }
    return readEntry(entry);
}

LibraryDataset updateDataset(const DataFolder& folder, const std::string& name, const DataConfig& data) {
    const fs::path entry = requireEntry(folder, name);
    const DataConfig kept = withAbsolutePath(data);
    std::optional<int64_t> rows;
    try {
        const LibraryDataset before = readEntry(entry);
        if (before.data.train == kept.train)
            rows = before.rows;
    } catch (const Error&) {
        // What was damaged is replaced.
    }
    writeEntry(entry, kept, rows);
    return readEntry(entry);
}

void noteDatasetRows(const DataFolder& folder, const std::string& name, int64_t rows) {
    if (name == kStarterDataset)
        return;
    const fs::path entry = requireEntry(folder, name);
    writeEntry(entry, readEntry(entry).data, rows);
}

LibraryDataset renameDataset(const DataFolder& folder, const std::string& name, const std::string& to) {
    const fs::path entry = requireEntry(folder, name), target = folder.datasets() / to;
    requireName(to);
    if (name != to && fs::exists(target))
        fail(ErrorCode::BadConfig, "the dataset name \"{}\" is taken", to);
    std::error_code error;
    fs::rename(entry, target, error);
    if (error)
        fail(ErrorCode::Io, "cannot rename {}: {}", entry.string(), error.message());
    return readEntry(target);
}

void removeDataset(const DataFolder& folder, const std::string& name) {
    const fs::path entry = requireEntry(folder, name);
    std::error_code error;
    fs::remove_all(entry, error);
    if (error)
        fail(ErrorCode::Io, "cannot remove {}: {}", entry.string(), error.message());
}

} // namespace lorikeet
