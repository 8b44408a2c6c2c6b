// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"

#include <CLI/App.hpp>

#include "core/jobs/model_library.h"
#include "core/jobs/workshop.h"

namespace lorikeet::cli {

Session::Session(std::stop_token stop) : m_stop(std::move(stop)) {}

Session::~Session() = default;

Workshop& Session::workshop() {
    if (!m_workshop) {
        WorkshopOptions chosen;
        if (!options.dataDir.empty())
            chosen.dataDir = options.dataDir;
        chosen.device = options.device;
        chosen.threads = options.threads;
        chosen.kernels = options.kernels;
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

CLI::App* addCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     const std::string& example) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->fallthrough();
    command->footer("Example:\n  " + example);
    return command;
}

} // namespace lorikeet::cli
