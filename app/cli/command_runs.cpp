// SPDX-License-Identifier: GPL-3.0-or-later
// runs list, show, metrics, delete: what the database holds.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/event_json.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/jobs/workshop.h"
#include "core/runs/run_store.h"

namespace lorikeet::cli {
namespace {

std::string lossText(const std::optional<double>& loss) {
    return loss ? fmt::format("{:.4f}", *loss) : "-";
}

int listRuns(Session& session) {
    const std::vector<RunRecord> runs = session.workshop().runs().list();
    if (session.options.json) {
        nlohmann::ordered_json array = nlohmann::ordered_json::array();
        for (const RunRecord& run : runs)
            array.push_back(runJson(run));
        printJsonLine(array);
        return kDone;
    }
    if (runs.empty()) {
        printLine("There are no runs yet: `lorikeet-cli quickstart` makes the first one.");
        return kDone;
    }
    std::vector<std::vector<std::string>> table{{"ID", "NAME", "STATE", "METHOD", "STEPS", "LOSS", "STARTED", "MODEL"}};
    for (const RunRecord& run : runs)
        table.push_back({run.id, run.name, std::string(runStateName(run.state)), run.method, countText(run.steps),
                         lossText(run.loss), run.started ? timeText(*run.started) : "-", run.model});
    printTable(table);
    return kDone;
}

int showRun(Session& session, const std::string& id) {
    const RunStore& store = session.workshop().runs();
    const RunRecord run = store.get(id);
    nlohmann::ordered_json details = runJson(run);
    details["dataset"] = run.dataset;
    details["kernels"] = run.kernels;
    details["ended"] = run.ended ? nlohmann::ordered_json(*run.ended) : nlohmann::ordered_json(nullptr);
    details["peak"] = memoryJson(run.peak);
    if (!run.errorMessage.empty())
        details["error"] = {{"code", run.errorCode}, {"message", run.errorMessage}};
    for (const EvaluationRecord& evaluation : store.evaluations(id))
        details["evaluations"].push_back({{"step", evaluation.step}, {"loss", finiteOrNull(evaluation.loss)}});
    for (const SampleRecord& sample : store.samples(id))
        details["samples"].push_back({{"step", sample.step}, {"prompt", sample.prompt}, {"text", sample.text}});
    details["config"] = nlohmann::ordered_json::parse(run.config);
    if (session.options.json)
        printJsonLine(details);
    else
        printLine(details.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return kDone;
}

int printMetrics(Session& session, const std::string& id) {
    const RunStore& store = session.workshop().runs();
    static_cast<void>(store.get(id)); // an unknown id is an error, not an empty table
    const std::vector<StepMetrics> metrics = store.metrics(id);
    if (session.options.json) {
        for (const StepMetrics& step : metrics)
            printJsonLine(metricsJson(step));
        return kDone;
    }
    std::vector<std::vector<std::string>> table{{"STEP", "LOSS", "GRAD NORM", "LEARNING RATE", "TOKENS", "TOKENS/S"}};
    for (const StepMetrics& step : metrics)
        table.push_back({std::to_string(step.step), fmt::format("{:.4f}", step.loss),
                         fmt::format("{:.4f}", step.gradNorm), fmt::format("{:g}", step.learningRate),
                         countText(step.tokens), fmt::format("{:.0f}", step.tokensPerSecond)});
    printTable(table);
    return kDone;
}

int deleteRun(Session& session, const std::string& id) {
    session.workshop().runs().remove(id);
    if (session.options.json)
        printJsonLine({{"deleted", id}});
    return kDone;
}

void addForOne(CLI::App& parent, Session& session, const std::string& name, const std::string& description,
               int (*act)(Session&, const std::string&)) {
    auto id = std::make_shared<std::string>();
    CLI::App* command = addCommand(parent, name, description, "lorikeet-cli runs " + name + " RUN_ID");
    command->add_option("id", *id, "The run's id, from `runs list`")->required();
    command->callback([&session, id, act] { session.command = [&session, id, act] { return act(session, *id); }; });
}

} // namespace

void addRuns(CLI::App& app, Session& session) {
    CLI::App* runs = addCommand(app, "runs", "The runs in the database", "lorikeet-cli runs list");
    runs->require_subcommand(1);
    addCommand(*runs, "list", "All runs, the newest first", "lorikeet-cli runs list --json")->callback([&session] {
        session.command = [&session] { return listRuns(session); };
    });
    addForOne(*runs, session, "show", "One run: settings, results, samples", showRun);
    addForOne(*runs, session, "metrics", "Loss, gradient norm and speed, step by step", printMetrics);
    addForOne(*runs, session, "delete", "Delete a run, its records and its adapter", deleteRun);
}

} // namespace lorikeet::cli
