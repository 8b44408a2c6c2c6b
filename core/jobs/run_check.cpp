// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_check.h"

#include <algorithm>
#include <limits>

#include <unistd.h>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/base/system_memory.h"
#include "core/jobs/device_facts.h"
#include "core/jobs/model_library.h"
#include "core/jobs/run_files.h"
#include "core/jobs/run_parts.h"
#include "core/jobs/run_problems.h"
#include "core/model/blocksizes.h"
#include "core/train/lora_spec.h"
#include "core/train/memory_plan.h"
#include "core/train/run_settings.h"
#include "core/train/trainer.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

/// Names of a list that fit no layer; none where all are such, which is an error of its own.
std::vector<std::string> unknownModules(const ModelConfig& model, const LoraConfig& lora) {
    const auto* names = lora.targetModules ? std::get_if<std::vector<std::string>>(&*lora.targetModules) : nullptr;
    std::vector<std::string> unknown;
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
        LoraSpec spec;
        spec.targetModules = std::vector<std::string>{name};
        try {
            loraTargets(model, spec);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::BadConfig) // else the model has it, and loraTargets() refuses it
                unknown.push_back(name);
        }
    }
    return names && unknown.size() < names->size() ? unknown : std::vector<std::string>();
}

/// How many steps of how many tokens a run has.
void countSteps(RunCheck& check, const RunConfig& config, const RowCounts* counts) {
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
    const TrainingConfig& training = config.training;
    check.rowsPerStep = int64_t(training.batchSize) * training.accumulationSteps;
    check.tokensPerStep =
        check.rowsPerStep > kMost / config.data.maxLength ? kMost : check.rowsPerStep * config.data.maxLength;
    check.steps = training.maxSteps;
    if (!counts || counts->unitsPerEpoch == 0)
        return;
    const int64_t perEpoch = (counts->unitsPerEpoch + check.rowsPerStep - 1) / check.rowsPerStep;
    check.stepsPerEpoch = perEpoch;
    check.tokensPerStep = counts->tokensPerEpoch / perEpoch;
    check.steps = plannedSteps(training, [perEpoch](int64_t) { return perEpoch; });
    if (counts->facts.evaluationRows == 0) {
        check.evaluations = 0;
        return;
    }
    const int64_t every = config.every.eval;
    const int64_t due = every > 0 ? *check.steps / every : 0;
    check.evaluations = due + (every == 0 || *check.steps % every != 0 ? 1 : 0); // and one at the end
}

void estimateTime(RunCheck& check, const RowCounts& counts, const RunConfig& config, const RunSpeed& speed) {
    // A forward pass costs a third of a training step, a fourth where checkpointing computes it twice.
    const double share = config.training.gradientCheckpointing ? 0.25 : 1.0 / 3.0;
    const double tokens = double(*check.steps) * double(counts.tokensPerEpoch) / double(*check.stepsPerEpoch) +
                          share * double(check.evaluations.value_or(0)) * double(counts.evaluationTokens);
    check.time = TimeEstimate{tokens / speed.tokensPerSecond, speed.tokensPerSecond, speed.run, speed.name};
}

/// One check on its way.
class Checking {
public:
    Checking(RunFiles& files, const RunConfig& config) : m_files(files), m_wanted(config), m_run{config, m_check} {}

    RunCheck run();

private:
    void lookAtModel();
    void lookAtAdapter();
    void lookAtDevice();
    bool requireBudget();
    void planMemory();
    void lookAtDisk();

    RunFiles& m_files;
    const RunConfig& m_wanted;
    RunConfig m_config; ///< completed
    RunCheck m_check;
    CheckedRun m_run;
    KnownRows m_rows;
    std::shared_ptr<const CheckedModel> m_model;
    std::string m_kernels;
    bool m_canPlan = false;
};

void Checking::lookAtModel() {
    if (m_wanted.model.empty())
        return;
    fs::path path;
    try {
        path = resolveModel(m_files.workshop().folder(), m_wanted.model);
    } catch (const Error& error) {
        m_run.modelError = error.message();
        return;
    }
    const Read<CheckedModel>& read = m_files.model(path);
    m_run.modelError = read.error;
    m_model = read.value;
    if (!m_model)
        return;
    m_check.model = m_model->facts;
    m_run.model = m_model.get();
    const Read<ModelText>* text = m_files.text(path);
    m_check.isProvisional = !text;
    m_run.tokenizerError = text ? text->error : "";
    m_rows = m_files.rows(path, m_config);
    m_check.isProvisional |= m_rows.isProvisional;
    m_run.evalError = m_rows.evalError;
    if (m_rows.counts) {
        m_check.data = m_rows.counts->facts;
        m_run.counts = m_rows.counts.get();
    }
}

void Checking::lookAtAdapter() {
    if (!m_model || !m_run.refused.empty())
        return;
    LoraConfig& lora = m_config.lora;
    if (!lora.initFrom.empty()) {
        const Read<LoraSpec>& initial = m_files.adapter(lora.initFrom, *m_model);
        m_run.adapterError = initial.error;
        if (!initial.value)
            return;
        try {
            adoptInitialAdapter(lora, *initial.value, m_model->config);
        } catch (const Error& error) {
            m_run.adapterError = error.message();
            return;
        }
    }
    m_run.unknownModules = unknownModules(m_model->config, lora);
    if (!m_run.unknownModules.empty())
        std::erase_if(std::get<std::vector<std::string>>(*lora.targetModules),
                      [&](const std::string& name) { return std::ranges::count(m_run.unknownModules, name) > 0; });
    try {
        loraTargets(m_model->config, loraSpec(lora));
    } catch (const Error& error) {
        m_run.targetsError = error.message();
        return;
    }
    try {
        m_check.trainableParameters = trainableParameters(m_model->config, m_config);
        m_check.trainableShare = double(m_check.trainableParameters) / double(m_model->facts.parameters);
        m_canPlan = true;
    } catch (const Error& error) {
        m_run.savedError = error.message();
    }
}

void Checking::lookAtDevice() {
    Workshop& workshop = m_files.workshop();
    try {
        m_kernels = workshop.backend(m_wanted.kernels).kernels();
    } catch (const Error& error) {
        m_run.kernelsError = error.message();
    }
    const Backend& backend = workshop.backend();
    m_check.device = {.name = backend.name(),
                      .total = backend.totalMemory(),
                      .otherPrograms = std::min(systemMemory().others(), backend.totalMemory())};
}

/// Whether the model can be quantized as the run wants: within a budget of bits that is possible.
bool Checking::requireBudget() {
    const QuantizationConfig& wish = m_config.quantization;
    if (m_model->quantization || wish.blocksize || wish.type == QuantType::None)
        return true;
    if (!wish.bitsPerParameter)
        return false;
    try {
        requirePossibleBits(m_model->config, quantizationSpec(wish), *wish.bitsPerParameter);
        return true;
    } catch (const Error& error) {
        m_run.bitsError = error.message();
        return false;
    }
}

void Checking::planMemory() {
    if (!m_canPlan || !m_run.kernelsError.empty() || !requireBudget())
        return;
    RunConfig config = asStored(m_config, m_model->quantization);
    // Longer rows are refused, and need not be planned for.
    config.data.maxLength = int(std::min<int64_t>(config.data.maxLength, m_model->config.maxPositions));
    try {
        MemoryPlanner& planner = m_files.planner(*m_model, m_rows, m_wanted.kernels);
        m_check.peak = planner.peak(config);
        m_check.fits = m_check.peak->total() <= m_check.device.free();
        m_check.fit = makeItFit(planner, config, m_check.device.free(), m_model->quantization.has_value());
        // On the settings as they were written.
        if (m_check.fit.fits)
            m_check.fit.config = m_wanted;
        for (const FitStep& step : m_check.fit.steps)
            step.apply(m_check.fit.config);
    } catch (const Error& error) {
        m_run.memoryError = error.message();
    }
}

void Checking::lookAtDisk() {
    const fs::path folder = nearestFolder(m_files.workshop().folder().root);
    m_run.canWriteData = ::access(folder.c_str(), W_OK) == 0;
    m_run.neededDisk = roomForRun(m_config, m_check.trainableParameters, m_check.steps);
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (!error)
        m_run.freeDisk = int64_t(space.available);
}

RunCheck Checking::run() {
    m_config = withAbsolutePaths(m_wanted);
    m_run.refused = refusedSettings(m_wanted);
    lookAtModel();
    std::error_code error;
    if (!m_wanted.data.train.empty() && !fs::exists(m_wanted.data.train, error))
        m_run.dataError = m_wanted.data.train + " is not there";
    else
        m_run.dataError = m_rows.error;
    lookAtAdapter();
    lookAtDevice();
    planMemory();
    if (m_run.refused.empty())
        countSteps(m_check, m_config, m_run.counts);
    lookAtDisk();
    if (m_run.counts && m_check.stepsPerEpoch && !m_kernels.empty())
        if (const std::optional<RunSpeed> speed = m_files.speed(m_config, m_model->facts.path, m_kernels))
            estimateTime(m_check, *m_run.counts, m_config, *speed);
    m_check.problems = problemsOf(m_run);
    return std::move(m_check);
}

} // namespace

const RunProblem* RunCheck::firstError() const {
    return !problems.empty() && problems.front().severity == ProblemSeverity::Error ? &problems.front() : nullptr;
}

const RunProblem* RunCheck::firstErrorInQueue() const {
    const auto keepsOut = [](const RunProblem& problem) {
        return problem.severity == ProblemSeverity::Error && !problem.mayPass;
    };
    const auto found = std::find_if(problems.begin(), problems.end(), keepsOut);
    return found == problems.end() ? nullptr : &*found;
}

struct RunChecker::State {
    explicit State(Workshop& workshop) : files(workshop) {}
    RunFiles files;
};

RunChecker::RunChecker(Workshop& workshop) : m_state(std::make_unique<State>(workshop)) {}

RunChecker::~RunChecker() = default;

RunCheck RunChecker::check(const RunConfig& config) {
    return Checking(m_state->files, config).run();
}

void RunChecker::prepare(const RunConfig& config, const ProgressObserver& progress, std::stop_token stop) {
    RunFiles& files = m_state->files;
    fs::path model;
    try {
        if (config.model.empty())
            return;
        model = resolveModel(files.workshop().folder(), config.model);
    } catch (const Error&) {
        return; // check() says it
    }
    if (files.model(model).value && refusedSettings(config).empty())
        files.read(model, withAbsolutePaths(config), progress, stop);
    check(config); // counts and packs the rows
}

} // namespace lorikeet
