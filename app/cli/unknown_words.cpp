// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/unknown_words.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/train/strict_json.h"

namespace lorikeet::cli {
namespace {

std::vector<std::string> commandNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

/// An option of the command or, as they may stand behind it, of those above it.
const CLI::Option* findOption(const CLI::App* command, const std::string& name) {
    for (; command; command = command->get_parent())
        if (const CLI::Option* option = command->get_option_no_throw(name))
            return option;
    return nullptr;
}

std::vector<std::string> optionNames(const CLI::App* command) {
    std::vector<std::string> names;
    for (; command; command = command->get_parent())
        for (const CLI::Option* option : command->get_options())
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
    return names;
}

std::string sentence(std::string_view kind, const std::string& word, const std::vector<std::string>& known) {
    const std::string nearest = nearestWord(word, known);
    return fmt::format("unknown {} \"{}\"{}; there are: {}", kind, word,
                       nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest), fmt::join(known, ", "));
}

} // namespace

std::optional<std::string> describeUnknownWord(const CLI::App& app, std::span<const std::string> words) {
    const CLI::App* command = &app;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (word == "--")
            return std::nullopt;
        if (word.starts_with("--")) {
            const std::size_t equals = word.find('=');
            const std::string name = word.substr(0, equals);
            const CLI::Option* option = findOption(command, name);
            if (!option)
                return sentence("option", name, optionNames(command));
            if (equals == std::string::npos && option->get_items_expected_max() > 0)
                ++at; // its value
        } else if (const std::vector<std::string> commands = commandNames(*command); !commands.empty()) {
            if (std::find(commands.begin(), commands.end(), word) == commands.end())
                return sentence("command", word, commands);
            command = command->get_subcommand(word);
        }
    }
    return std::nullopt;
}

} // namespace lorikeet::cli
