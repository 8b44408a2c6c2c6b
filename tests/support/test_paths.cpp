// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_paths.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace lorikeet {

namespace fs = std::filesystem;

fs::path sourceFile(std::string_view relative) {
    return fs::path(LORIKEET_SOURCE_DIR) / relative;
}

fs::path testDataFolder() {
    const char* folder = std::getenv("LORIKEET_TEST_DATA");
    return folder && *folder ? fs::path(folder) : fs::path(LORIKEET_SOURCE_DIR) / "../shared/data";
}

fs::path testModelPath() {
    const char* model = std::getenv("LORIKEET_TEST_MODEL");
    return model ? fs::path(model) : fs::path();
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = fs::temp_directory_path() / "lorikeet-test-XXXXXX";
    if (!mkdtemp(pattern.data())) {
        throw std::runtime_error("cannot make the folder " + pattern);
    }
    m_path = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

} // namespace lorikeet
