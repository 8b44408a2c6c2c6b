// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/blocksize_words.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "core/base/error.h"
#include "core/jobs/blocksize_search.h"
#include "core/model/blocksizes_json.h"

namespace lorikeet::cli {
namespace {

nlohmann::ordered_json costJson(const BlocksizeCost& cost) {
    return {{"bits_per_parameter", cost.bitsPerParameter}, {"relative_error", finiteOrNull(cost.relativeError)}};
}

std::vector<std::string> costRow(std::string name, const BlocksizeCost& cost) {
    return {std::move(name), fmt::format("{:.4f}", cost.bitsPerParameter),
            fmt::format("{:.3f} %", 100.0 * cost.relativeError)};
}

} // namespace

std::optional<int> blocksizeFromWord(const std::string& word) {
    if (word == "auto")
        return std::nullopt;
    int blocksize = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), blocksize);
    if (error != std::errc() || end != word.data() + word.size() || blocksize < kSmallestBlocksize ||
        blocksize > kLargestBlocksize || !std::has_single_bit(unsigned(blocksize)))
        fail(ErrorCode::BadConfig, "a blocksize is \"{}\"; allowed is a power of two from {} to {}, or auto", word,
             kSmallestBlocksize, kLargestBlocksize);
    return blocksize;
}

nlohmann::ordered_json chosenJson(const ChosenBlocksizes& chosen) {
    nlohmann::ordered_json json = costJson(chosen.cost);
    json["layers"] = blocksizesJson(chosen.blocksizes);
    json["fixed"] = nlohmann::ordered_json::array();
    for (const BlocksizeCost& cost : chosen.fixed) {
        nlohmann::ordered_json row = {{"blocksize", cost.blocksize}};
        row.update(costJson(cost));
        json["fixed"].push_back(std::move(row));
    }
    return json;
}

void printChosen(const ChosenBlocksizes& chosen) {
    std::vector<std::vector<std::string>> table{{"BLOCKSIZE", "BITS PER PARAMETER", "RELATIVE ERROR", "LAYERS"}};
    for (const BlocksizeCost& cost : chosen.fixed) {
        table.push_back(costRow(std::to_string(cost.blocksize), cost));
        const auto layers = std::ranges::count(chosen.blocksizes, cost.blocksize);
        table.back().push_back(layers > 0 ? fmt::format("{} of auto", layers) : "");
    }
    table.push_back(costRow("auto", chosen.cost));
    table.back().push_back(std::to_string(chosen.blocksizes.size()));
    printTable(table);
}

} // namespace lorikeet::cli
