// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace lorikeet {
class Workshop;
struct DataFolder;
struct RunConfig;
} // namespace lorikeet

namespace lorikeet::cli {

/// How a command ended, as the shell sees it.
enum ExitCode { kDone = 0, kFailed = 1, kBadArguments = 2, kStopped = 3 };

/// The options that every command takes.
struct GlobalOptions {
    std::string dataDir; ///< empty: $LORIKEET_DATA_DIR, else the XDG data folder
    std::string device = "auto";
    std::optional<std::string> kernels; ///< absent: what a run's file says, else "auto"
    int threads = 0;                    ///< 0: as many as the process may use
    bool json = false;
};

/// What the commands of one process share. Main thread only.
class Session {
public:
    explicit Session(std::stop_token stop);
    ~Session();

    GlobalOptions options;
    /// How the user called this program: argv[0].
    std::string program = "lorikeet-cli";
    /// What main calls after the arguments are parsed; set by the chosen command.
    std::function<int()> command;

    const std::stop_token& stop() const { return m_stop; }
    /// Throws Cancelled after a stop.
    void requireGoing(std::string_view operation) const;
    /// Made from the options when first asked for.
    Workshop& workshop();
    const DataFolder& folder();
    /// The model folder or file that a path or a library's name stands for.
    std::filesystem::path modelPath(const std::string& model);
    /// A run's file with the changes of --set, and with --kernels in place of its own where that is given.
    RunConfig runConfig(const std::string& file, const std::vector<std::string>& overrides) const;
    /// A line for the shell that calls this program with these words and the global options that are in force here.
    std::string commandLine(const std::vector<std::string>& words) const;

private:
    std::stop_token m_stop;
    std::unique_ptr<Workshop> m_workshop;
};

/// A subcommand of `parent` that takes the global options behind it, too, with an example in its help.
CLI::App* addCommand(CLI::App& parent, const std::string& name, const std::string& description,
                     const std::string& example);

// Each adds its commands to `app`; in command_<name>.cpp.
void addQuickstart(CLI::App& app, Session& session);
void addDevices(CLI::App& app, Session& session);
void addModels(CLI::App& app, Session& session);
void addDatasets(CLI::App& app, Session& session);
void addText(CLI::App& app, Session& session); ///< tokenize, render
void addQuantize(CLI::App& app, Session& session);
void addScore(CLI::App& app, Session& session);
void addStudy(CLI::App& app, Session& session);
void addEstimate(CLI::App& app, Session& session);
void addTrain(CLI::App& app, Session& session);
void addRuns(CLI::App& app, Session& session);
void addGenerate(CLI::App& app, Session& session); ///< generate, chat

} // namespace lorikeet::cli
