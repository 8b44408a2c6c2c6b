// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/model_options.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "app/cli/train_display.h"
#include "core/hub/starter_model.h"
#include "core/jobs/quick_start.h"

namespace lorikeet::cli {
namespace {

struct QuickstartOptions {
    std::optional<int64_t> steps;
    std::string model;
};

std::string indented(const std::string& text) {
    std::string result = "    ";
    for (const char c : text) {
        result += c;
        if (c == '\n')
            result += "    ";
    }
    return result;
}

void printComparison(const Comparison& comparison, bool json) {
    if (json) {
        printJsonLine({{"event", "comparison"},
                       {"prompt", comparison.prompt},
                       {"base", comparison.base},
                       {"tuned", comparison.tuned}});
        return;
    }
    printLine(fmt::format("\n{}\n  base:\n{}\n  tuned:\n{}", comparison.prompt, indented(comparison.base),
                          indented(comparison.tuned)));
}

void printEnd(const Session& session, const QuickStartResult& result, const std::string& model) {
    if (session.options.json) {
        printJsonLine(
            {{"event", "end"},
             {"held_out_loss", {{"base", finiteOrNull(result.baseLoss)}, {"tuned", finiteOrNull(result.tunedLoss)}}},
             {"train_seconds", finiteOrNull(result.trainSeconds)},
             {"run", result.end.run}});
        return;
    }
    printLine(fmt::format(
        "\nLoss on questions it never saw: {:.3f} before, {:.3f} after ({:.0f} % lower), in {} of training.",
        result.baseLoss, result.tunedLoss, 100.0 * (1.0 - result.tunedLoss / result.baseLoss),
        durationText(result.trainSeconds)));
    if (result.end.adapter)
        printLine("Talk to it:  " + session.commandLine({"chat", model, "--adapter", result.end.adapter->string()}));
}

int quickstart(Session& session, const QuickstartOptions& options) {
    const bool json = session.options.json;
    QuickStartOptions wish;
    wish.steps = options.steps;
    if (!options.model.empty())
        wish.model = options.model;
    TrainDisplay display(json);
    const QuickStartResult result = quickStart(
        session.workshop(), wish, display.observer(), [json](const Comparison& pair) { printComparison(pair, json); },
        stageProgress(json), session.stop());
    if (result.end.outcome != RunOutcome::Finished)
        return exitCodeOf(result.end);
    printEnd(session, result, wish.model.value_or(starterModel().name));
    return session.stop().stop_requested() ? kStopped : kDone;
}

} // namespace

void addQuickstart(CLI::App& app, Session& session) {
    auto options = std::make_shared<QuickstartOptions>();
    CLI::App* command =
        addCommand(app, "quickstart", "Tune the starter model on the starter dataset, then compare answers",
                   "lorikeet-cli quickstart");
    command->add_option("--steps", options->steps, "Training steps")->check(CLI::Range(int64_t(1), int64_t(1) << 40));
    command->add_option("--model", options->model, "Another base model: a folder, a .gguf file, or a name");
    command->callback(
        [&session, options] { session.command = [&session, options] { return quickstart(session, *options); }; });
}

} // namespace lorikeet::cli
