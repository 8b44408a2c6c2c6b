// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"

#include <CLI/App.hpp>

#include "app/cli/named_input.h"
#include "app/cli/shell_words.h"
#include "core/base/error.h"
#include "core/jobs/model_library.h"
#include "core/jobs/workshop.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {

Session::Session(std::stop_token stop) : m_stop(std::move(stop)) {}

Session::~Session() = default;

void Session::requireGoing(std::string_view operation) const {
    if (m_stop.stop_requested())
        fail(ErrorCode::Cancelled, "{}: stopped", operation);
}

Workshop& Session::workshop() {
    if (!m_workshop) {
        WorkshopOptions chosen;
        if (!options.dataDir.empty())
            chosen.dataDir = options.dataDir;
        chosen.device = options.device;
        chosen.threads = options.threads;
        chosen.kernels = options.kernels.value_or("auto");
        m_workshop = std::make_unique<Workshop>(std::move(chosen));
    }
    return *m_workshop;
}

const DataFolder& Session::folder() {
    return workshop().folder();
}

std::filesystem::path Session::modelPath(const std::string& model) {
    return resolveModel(folder(), model);
}

RunConfig Session::runConfig(const std::string& file, const std::vector<std::string>& overrides) const {
    RunConfig config = parseRunConfig(readNamedInput(file, m_stop, kLargestRunFile), file, overrides);
    config.kernels = options.kernels.value_or(config.kernels);
    return config;
}

std::string Session::commandLine(const std::vector<std::string>& words) const {
    std::vector<std::string> all = words;
    all.insert(all.begin(), program);
    const auto addOption = [&](const char* name, const std::string& value) { all.insert(all.end(), {name, value}); };
    if (!options.dataDir.empty())
        addOption("--data-dir", options.dataDir);
    if (options.device != "auto")
        addOption("--device", options.device);
    if (options.kernels)
        addOption("--kernels", *options.kernels);
    if (options.threads != 0)
        addOption("--threads", std::to_string(options.threads));
    return shellLine(all);
}

CLI::App* addCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     const std::string& example) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->fallthrough();
    command->footer("Example:\n  " + example);
    return command;
}

} // namespace lorikeet::cli
