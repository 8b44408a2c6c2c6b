// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/resources.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace lorikeet {

namespace fs = std::filesystem;

fs::path resourceFile(std::string_view relative) {
    std::vector<fs::path> places;
    if (const char* folder = std::getenv("LORIKEET_RESOURCES"); folder && *folder) {
        places.emplace_back(folder);
    }
    std::error_code unknown;
    if (const fs::path program = fs::read_symlink("/proc/self/exe", unknown); !unknown) {
        places.push_back(program.parent_path().parent_path() / "share/lorikeet");
    }
    places.emplace_back(LORIKEET_SOURCE_RESOURCES);
    std::string looked;
    for (const fs::path& place : places) {
        std::error_code missing;
        if (fs::is_regular_file(place / relative, missing)) {
            return place / relative;
        }
        looked += (looked.empty() ? "" : ", ") + place.string();
    }
    fail(ErrorCode::NotFound, "{}: this file of the program is in none of: {}", relative, looked);
}

} // namespace lorikeet
