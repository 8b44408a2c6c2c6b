// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace lorikeet {

/// A JSON file under tests/data.
nlohmann::json readGolden(const std::string& relative);

/// `text` cut short and escaped, to name a case in a failure.
std::string shown(const std::string& text);

} // namespace lorikeet
