// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/data_folder.h"

#include <cstdlib>

#include "core/base/error.h"
#include "core/runs/run_id.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

fs::path fromEnvironment(const char* name) {
    const char* value = std::getenv(name);
    return value ? fs::path(value) : fs::path();
}

} // namespace

fs::path DataFolder::run(std::string_view id) const {
    if (!isRunId(id))
        fail(ErrorCode::InvalidArgument, "'{}' is no run id", id.substr(0, 64));
    return runs() / id;
}

DataFolder findDataFolder(const std::optional<fs::path>& given) {
    if (given && !given->empty())
        return {fs::absolute(*given)};
    if (const fs::path own = fromEnvironment("LORIKEET_DATA_DIR"); !own.empty())
        return {fs::absolute(own)};
    if (const fs::path data = fromEnvironment("XDG_DATA_HOME"); data.is_absolute())
        return {data / "lorikeet"};
    const fs::path home = fromEnvironment("HOME");
    if (!home.is_absolute())
        fail(ErrorCode::Io, "no data folder: neither --data-dir, LORIKEET_DATA_DIR, XDG_DATA_HOME nor HOME names one");
    return {home / ".local" / "share" / "lorikeet"};
}

} // namespace lorikeet
