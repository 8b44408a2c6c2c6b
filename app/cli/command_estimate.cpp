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

/// In the paper's unit.
std::string gigabytes(double bytes) {
    return fmt::format("{:.1f}", bytes / 1e9);
}

void printTableRow(const EstimateTableRow& row) {
    nlohmann::ordered_json line = {{"model", row.model}, {"peak", memoryJson(row.peak)}, {"fits", row.fits}};
    line["paper"] = nullptr;
    if (row.paperBytes)
        line["paper"] = *row.paperBytes;
    line["bfloat16_adapters"] = row.bfloat16Adapters;
    for (const EstimateVariant& variant : row.variants)
        line["totals"][variant.name] = variant.total;
    for (const EstimateDevice& device : row.devices) {
        nlohmann::ordered_json& fitting = line["devices"][std::to_string(device.gigabytes)];
        fitting = nullptr;
        if (!device.variant.empty())
            fitting = device.variant;
    }
    printJsonLine(line);
}

/// "32-bit", "paged 8-bit"
std::string shortName(std::string_view optimizer) {
    if (optimizer.empty())
        return "-";
    return fmt::format("{}{}", optimizer.starts_with("paged") ? "paged " : "",
                       optimizer.ends_with("8bit") ? "8-bit" : "32-bit");
}

int printTableOfModels(Session& session) {
    const std::vector<EstimateTableRow> rows = estimateTable(session.workshop());
    if (session.options.json) {
        for (const EstimateTableRow& row : rows)
            printTableRow(row);
        return kDone;
    }
    std::vector<std::vector<std::string>> needs{{"MODEL", "PAPER", "16-BIT ADAPTERS"}}, devices{{"MODEL"}};
    for (const EstimateVariant& variant : rows.front().variants)
        needs.front().push_back(variant.name);
    for (const EstimateDevice& device : rows.front().devices)
        devices.front().push_back(fmt::format("{} GB", device.gigabytes));
    for (const EstimateTableRow& row : rows) {
        needs.push_back(
            {row.model, row.paperBytes ? gigabytes(*row.paperBytes) : "-", gigabytes(double(row.bfloat16Adapters))});
        for (const EstimateVariant& variant : row.variants)
            needs.back().push_back(gigabytes(double(variant.total)));
        devices.push_back({row.model});
        for (const EstimateDevice& device : row.devices)
            devices.back().push_back(shortName(device.variant));
    }
    printLine("Peak memory in GB (10^9 bytes): QLoRA, NF4 with double quantization, r 64, one row of 512 tokens");
    printTable(needs);
    printLine("The paper's adapters had 16 bits: compare its figures with the column beside them. This program trains\n"
              "adapters in 32 bits, as in the other columns. The workspace of operations and a driver come on top.");
    printLine("");
    printLine(fmt::format(
        "The optimizer with which each fits a device (GB of 2^30 bytes), {} left for its driver and workspace",
        memoryText(kDeviceReserve)));
    printTable(devices);
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
    command->add_flag("--table", options->table, "Models from 7B to 70B with the settings of the QLoRA paper");
    command->add_option("--set", options->overrides, "Change a key of the file: KEY.KEY=VALUE (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->callback(
        [&session, options] { session.command = [&session, options] { return estimate(session, *options); }; });
}

} // namespace lorikeet::cli
