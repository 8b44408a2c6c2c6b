// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/json_file.h"

#include <string>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/messages.h"

namespace lorikeet {

namespace {

constexpr int kDeepest = 64;
constexpr std::size_t kLargestJsonFile = std::size_t(64) << 20;

} // namespace

nlohmann::json parseJsonFile(const std::filesystem::path& path, std::string_view text) {
    std::vector<std::unordered_set<std::string>> keysByDepth;
    const auto check = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        using Event = nlohmann::json::parse_event_t;
        if (depth > kDeepest)
            failFile(path, "the JSON is nested deeper than {}", kDeepest);
        if (event == Event::object_start)
            keysByDepth.emplace_back();
        else if (event == Event::object_end)
            keysByDepth.pop_back();
        else if (event == Event::key && !keysByDepth.back().insert(parsed.get_ref<const std::string&>()).second)
            failFile(path, "the JSON key {} is there twice", quotedText(parsed.get_ref<const std::string&>()));
        return true;
    };
    try {
        return nlohmann::json::parse(text, check);
    } catch (const nlohmann::json::exception& error) {
        // The library's own message can quote any amount of the file.
        const auto* parseError = dynamic_cast<const nlohmann::json::parse_error*>(&error);
        failFile(path, "not valid JSON at byte {} of {}", parseError ? parseError->byte : 0, text.size());
    }
}

nlohmann::json readJsonFile(const std::filesystem::path& path) {
    return parseJsonFile(path, readTextFile(path, kLargestJsonFile));
}

} // namespace lorikeet
