// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/cpu/peak_rates.h"
#include "core/jobs/workshop.h"

namespace lorikeet::cli {
namespace {

struct MeasuredSet {
    KernelSet set;
    PeakRates rates;
};

std::vector<MeasuredSet> measureSets(const Session& session, ThreadPool& pool) {
    std::vector<MeasuredSet> measured;
    for (const KernelSet set :
         {KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2, KernelSet::Portable})
        if (processorHas(set)) {
            session.requireGoing("devices");
            measured.push_back({set, measurePeakRates(set, pool)});
        }
    return measured;
}

std::string rateText(double flops) {
    return fmt::format("{:.0f} GFLOP/s", flops / 1e9);
}

int devices(Session& session) {
    Backend& backend = session.workshop().backend();
    const std::string chosen = backend.kernels();
    ThreadPool pool(session.options.threads);
    const std::vector<MeasuredSet> measured = measureSets(session, pool);
    session.requireGoing("devices");
    const auto isChosen = [&chosen](const MeasuredSet& entry) { return kernelSetName(entry.set) == chosen; };
    const PeakRates& peak = std::find_if(measured.begin(), measured.end(), isChosen)->rates;
    if (session.options.json) {
        printJsonLine({{{"name", backend.name()},
                        {"memory", backend.totalMemory()},
                        {"threads", pool.threads()},
                        {"kernels", chosen},
                        {"peak", {{"float32", peak.float32}, {"bfloat16", peak.bfloat16}}}}});
        return kDone;
    }
    printLine(fmt::format("{}: {} threads, {} of memory, kernels {}", backend.name(), pool.threads(),
                          memoryText(backend.totalMemory()), chosen));
    printLine(session.options.kernels.value_or("auto") == "auto"
                  ? "Of the kernels that this processor can run, the set that multiplies bfloat16 fastest was chosen:"
                  : "The kernels were named with --kernels; what this processor reaches with each set:");
    std::vector<std::vector<std::string>> table{{"KERNELS", "FLOAT32", "BFLOAT16", ""}};
    for (const MeasuredSet& entry : measured)
        table.push_back({std::string(kernelSetName(entry.set)), rateText(entry.rates.float32),
                         rateText(entry.rates.bfloat16), isChosen(entry) ? "chosen" : ""});
    printTable(table);
    printLine("Paged optimizers keep what is over training.optim_budget_mb in a file in the run's folder.");
    return kDone;
}

} // namespace

void addDevices(CLI::App& app, Session& session) {
    addCommand(app, "devices", "What can compute here: memory, measured speed, chosen kernels", "lorikeet-cli devices")
        ->callback([&session] { session.command = [&session] { return devices(session); }; });
}

} // namespace lorikeet::cli
