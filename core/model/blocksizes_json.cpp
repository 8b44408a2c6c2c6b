// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/blocksizes_json.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {

nlohmann::ordered_json blocksizesJson(const Blocksizes& blocksizes) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < blocksizes.size(); ++i)
        json[linearPath(int(i) / kLinearRoles, LinearRole(int(i) % kLinearRoles))] = blocksizes[i];
    return json;
}

Blocksizes blocksizesFromJson(const nlohmann::json& json) {
    if (!json.is_object() || json.empty() || json.size() % kLinearRoles != 0)
        fail(ErrorCode::BadConfig, "blocksizes: they are not those of whole layers");
    Blocksizes blocksizes;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const std::string path = linearPath(int(i) / kLinearRoles, LinearRole(int(i) % kLinearRoles));
        const auto found = json.find(path);
        if (found == json.end())
            fail(ErrorCode::BadConfig, "blocksizes: {} is missing", path);
        if (!found->is_number_integer() || *found < kSmallestBlocksize || *found > kLargestBlocksize ||
            kLargestBlocksize % found->get<int>() != 0)
            fail(ErrorCode::BadConfig, "blocksizes: {} is {}; allowed is a power of two from {} to {}", path,
                 found->dump().substr(0, 40), kSmallestBlocksize, kLargestBlocksize);
        blocksizes.push_back(found->get<int>());
    }
    return blocksizes;
}

} // namespace lorikeet
