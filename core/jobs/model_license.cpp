// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/model_license.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/gguf_file.h"

namespace lorikeet {
namespace {

constexpr std::size_t kLargestText = std::size_t(4) << 20;
constexpr std::size_t kLongestName = 80;

/// What a person can read of it in one line.
std::string cleaned(std::string_view text) {
    std::string name;
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
            name += c;
    const auto isQuote = [](char c) { return c == ' ' || c == '"' || c == '\'' || c == '[' || c == ']'; };
    name.erase(name.begin(), std::find_if_not(name.begin(), name.end(), isQuote));
    name.erase(std::find_if_not(name.rbegin(), name.rend(), isQuote).base(), name.end());
    return name.substr(0, kLongestName);
}

/// The value of a key of the YAML lines that a README.md begins with; of a list the first.
std::string headValue(const std::string& readme, std::string_view key) {
    std::istringstream lines(readme);
    std::string line;
    if (!std::getline(lines, line) || !line.starts_with("---"))
        return {};
    while (std::getline(lines, line) && !line.starts_with("---")) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':')
            continue;
        std::string value = cleaned(std::string_view(line).substr(key.size() + 1));
        if (value.empty() && std::getline(lines, line) && cleaned(line).starts_with('-'))
            value = cleaned(cleaned(line).substr(1));
        return value;
    }
    return {};
}

std::string ofReadme(const std::filesystem::path& folder) {
    const std::string readme = readTextFile(folder / "README.md", kLargestText);
    const std::string license = headValue(readme, "license");
    if (license != "other")
        return license;
    const std::string name = headValue(readme, "license_name");
    return name.empty() ? license : name;
}

std::string ofConfig(const std::filesystem::path& folder) {
    const std::string text = readTextFile(folder / "config.json", kLargestText);
    const nlohmann::json config = nlohmann::json::parse(text, nullptr, false);
    if (!config.is_object() || !config.contains("license") || !config["license"].is_string())
        return {};
    return cleaned(config["license"].get<std::string>());
}

/// What `read` gives; nothing where it cannot be read: a model without a license is a model.
template <typename Read>
std::string orNothing(Read&& read) {
    try {
        return read();
    } catch (const Error&) {
        return {};
    }
}

} // namespace

std::string modelLicense(const std::filesystem::path& model, const TensorFile& file) {
    if (const auto* gguf = dynamic_cast<const GgufFile*>(&file))
        return orNothing([&] { return cleaned(gguf->string("general.license").value_or("")); });
    const std::string license = orNothing([&] { return ofReadme(model); });
    return license.empty() ? orNothing([&] { return ofConfig(model); }) : license;
}

} // namespace lorikeet
