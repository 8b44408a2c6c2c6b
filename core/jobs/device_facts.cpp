// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/device_facts.h"

#include <algorithm>
#include <fstream>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/base/processors.h"
#include "core/base/system_memory.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

std::string processorName() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name"))
            if (const std::size_t colon = line.find(": "); colon != std::string::npos)
                return line.substr(colon + 2);
    return {};
}

int64_t bytesIn(const fs::path& folder, const std::stop_token& stop) {
    int64_t bytes = 0;
    std::error_code error;
    fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && it != end; it.increment(error)) {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "{}: measuring its size was cancelled", folder.string());
        std::error_code gone;
        if (it->is_symlink(gone) || !it->is_regular_file(gone))
            continue;
        if (const auto size = it->file_size(gone); !gone)
            bytes += int64_t(size);
    }
    return bytes;
}

} // namespace

fs::path nearestFolder(fs::path path) {
    std::error_code error;
    while (!fs::exists(path, error) && path != path.parent_path())
        path = path.parent_path();
    return path;
}

DeviceFacts deviceFacts(Workshop& workshop) {
    const Backend& backend = workshop.backend();
    const SystemMemory memory = systemMemory();
    DeviceFacts facts{.device = backend.name(),
                      .processor = processorName(),
                      .cores = usableProcessors(),
                      .kernels = backend.kernels(),
                      .memory = memory.total,
                      .memoryUsed = memory.own,
                      .memoryOthers = memory.others(),
                      .memoryFree = memory.available,
                      .diskFree = std::nullopt};
    std::error_code error;
    const fs::space_info space = fs::space(nearestFolder(workshop.folder().root), error);
    if (!error)
        facts.diskFree = int64_t(space.available);
    return facts;
}

DataFolderUse dataFolderUse(const DataFolder& folder, std::stop_token stop) {
    DataFolderUse use;
    use.models = bytesIn(folder.models(), stop);
    use.runs = bytesIn(folder.runs(), stop);
    use.datasets = bytesIn(folder.datasets(), stop);
    use.total = bytesIn(folder.root, stop);
    return use;
}

} // namespace lorikeet
