// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/text/golden_support.h"

#include <fstream>

#include "tests/support/test_paths.h"

namespace lorikeet {

nlohmann::json readGolden(const std::string& relative) {
    std::ifstream file(sourceFile("tests/data/" + relative));
    return nlohmann::json::parse(file);
}

std::string shown(const std::string& text) {
    return nlohmann::json(text.substr(0, 200)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

} // namespace lorikeet
