// SPDX-License-Identifier: GPL-3.0-or-later
// lorikeet-cli: what the window does, for terminals and scripts.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "app/cli/session.h"
#include "app/cli/signals.h"
#include "app/cli/unknown_words.h"
#include "core/base/error.h"

namespace lorikeet::cli {
namespace {

void addGlobalOptions(CLI::App& app, GlobalOptions& options) {
    app.add_option("--data-dir", options.dataDir,
                   "Where models, runs and the database live (else $LORIKEET_DATA_DIR, else the XDG data folder)");
    app.add_option("--device", options.device, "auto or cpu")->capture_default_str();
    app.add_option("--threads", options.threads, "Threads to compute with; 0: all")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    app.add_option("--kernels", options.kernels,
                   "auto, amx, avx512bf16, avx512, avx2 or portable (else what a run file says, else auto)");
    app.add_flag("--json", options.json, "Print JSON only on stdout");
}

int exitCodeFor(const Error& error) {
    switch (error.code()) {
    case ErrorCode::BadConfig:
    case ErrorCode::NotBuilt:
        return kBadArguments;
    case ErrorCode::Cancelled:
        return kStopped;
    default:
        return kFailed;
    }
}

int report(const Session& session, std::string_view code, const std::string& message, int exitCode) {
    if (session.options.json)
        printJsonLine({{"error", {{"code", code}, {"message", message}}}});
    fmt::print(stderr, "lorikeet-cli: {}\n", message);
    return exitCode;
}

/// Whether the words ask for JSON, for errors that come before they are parsed.
bool wantsJson(int argc, char** argv) {
    for (int i = 1; i < argc; ++i)
        if (std::string_view(argv[i]) == "--json")
            return true;
    return false;
}

int run(int argc, char** argv) {
    Session session(stopOnSignals());
    if (argc > 0 && *argv[0] != '\0')
        session.program = argv[0];
    CLI::App app("Finetune language models by QLoRA on your own machine.", "lorikeet-cli");
    app.set_version_flag("--version", "lorikeet-cli " LORIKEET_VERSION);
    app.require_subcommand(1);
    addGlobalOptions(app, session.options);
    addQuickstart(app, session);
    addDevices(app, session);
    addModels(app, session);
    addDatasets(app, session);
    addText(app, session);
    addQuantize(app, session);
    addScore(app, session);
    addStudy(app, session);
    addEstimate(app, session);
    addTrain(app, session);
    addRuns(app, session);
    addGenerate(app, session);
    try {
        app.parse(argc, argv);
        return session.command();
    } catch (const CLI::Success& wish) {
        return app.exit(wish); // --help and --version print and end well
    } catch (const CLI::ParseError& error) {
        session.options.json = wantsJson(argc, argv);
        const std::vector<std::string> words(argv + 1, argv + argc);
        const std::string what = describeUnknownWord(app, words).value_or(error.what());
        return report(session, "bad_arguments", what + " (see --help)", kBadArguments);
    } catch (const Error& error) {
        return report(session, errorCodeName(error.code()), error.message(), exitCodeFor(error));
    } catch (const std::bad_alloc&) {
        return report(session, "out_of_memory", "not enough memory", kFailed);
    } catch (const std::exception& error) {
        return report(session, "internal", error.what(), kFailed);
    }
}

} // namespace
} // namespace lorikeet::cli

int main(int argc, char** argv) {
    return lorikeet::cli::run(argc, argv);
}
