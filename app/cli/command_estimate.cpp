// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/event_json.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/jobs/estimate_job.h"

namespace lorikeet::cli {
namespace {

struct EstimateOptions {
    std::string file;
    bool table = false;
    std::vector<std::string> overrides;
};

int printEstimate(Session& session, const EstimateOptions& options) {
    const EstimateResult result =
        estimateRun(session.workshop(), session.runConfig(options.file, options.overrides), session.stop());
    if (session.options.json) {
        nlohmann::ordered_json line = {
            {"peak", memoryJson(result.peak)}, {"fits", result.fits}, {"device", result.device}};
        if (!result.advice.empty())
            line["advice"] = result.advice;
        printJsonLine(line);
        return kDone;
    }
    std::vector<std::vector<std::string>> table;
    for (int tag = 0; tag < kMemoryTags; ++tag)
        if (const int64_t bytes = result.peak[MemoryTag(tag)]; bytes > 0)
            table.push_back({std::string(memoryTagName(MemoryTag(tag))), memoryText(bytes)});
    table.push_back({"total", memoryText(result.peak.total())});
    printTable(table);
    printLine(fmt::format("{} on {} with {}", result.fits ? "fits" : "does not fit", result.device,
                          memoryText(result.deviceMemory)));
    for (const std::string& advice : result.advice)
        printLine("  " + advice);
    return kDone;
}

int printTableOfModels(Session& session) {
    const std::vector<EstimateTableRow> rows = estimateTable(session.workshop());
    if (session.options.json) {
        for (const EstimateTableRow& row : rows)
            printJsonLine({{"model", row.model}, {"peak", memoryJson(row.peak)}, {"fits", row.fits}});
        return kDone;
    }
    std::vector<std::vector<std::string>> table{{"MODEL", "PEAK", "FITS HERE"}};
    for (const EstimateTableRow& row : rows)
        table.push_back({row.model, memoryText(row.peak.total()), row.fits ? "yes" : "no"});
    printTable(table);
    return kDone;
}

int estimate(Session& session, const EstimateOptions& options) {
    if (options.table)
        return printTableOfModels(session);
    if (options.file.empty())
        fail(ErrorCode::BadConfig, "estimate: name a run file, or ask for --table");
    return printEstimate(session, options);
}

} // namespace

void addEstimate(CLI::App& app, Session& session) {
    auto options = std::make_shared<EstimateOptions>();
    CLI::App* command = addCommand(app, "estimate", "Peak memory of a run by tag, before it starts",
                                   "lorikeet-cli estimate run.json --set data.max_length=1024");
    command->add_option("run", options->file, "The run's file, JSON");
    command->add_flag("--table", options->table, "Models from 7B to 65B with the settings of the QLoRA paper");
    command->add_option("--set", options->overrides, "Change a key of the file: KEY.KEY=VALUE (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->callback(
        [&session, options] { session.command = [&session, options] { return estimate(session, *options); }; });
}

} // namespace lorikeet::cli
