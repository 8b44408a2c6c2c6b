// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace CLI {
class App;
}

namespace lorikeet {
struct ChosenBlocksizes;
}

namespace lorikeet::cli {

/// A blocksize of the command line; none for "auto". Throws BadConfig for anything else.
std::optional<int> blocksizeFromWord(const std::string& word);

/// {"bits_per_parameter", "relative_error", "layers": {path: blocksize}, "fixed": [...]}
nlohmann::ordered_json chosenJson(const ChosenBlocksizes& chosen);

/// Every blocksize for all layers, and what was chosen, as a table.
void printChosen(const ChosenBlocksizes& chosen);

} // namespace lorikeet::cli
