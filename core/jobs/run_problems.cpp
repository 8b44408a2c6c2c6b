// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_problems.h"

#include <algorithm>
#include <bit>

#include <fmt/ranges.h>

#include "core/jobs/readable.h"
#include "core/train/run_settings.h"

namespace lorikeet {
namespace {

using Severity = ProblemSeverity;

class Problems {
public:
    explicit Problems(const CheckedRun& run) : m_run(run), m_config(run.config) {}

    std::vector<RunProblem> found() {
        findInModel();
        findInData();
        findInAdapter();
        findInSettings();
        findInMemory();
        findInTraining();
        findInTimes();
        std::ranges::stable_sort(m_found, {}, &RunProblem::severity);
        return std::move(m_found);
    }

private:
    RunProblem& add(Severity severity, std::string key, std::string title, std::string detail) {
        m_found.push_back({severity, std::move(title), std::move(detail), std::move(key), {}, std::nullopt});
        return m_found.back();
    }
    template <typename Change>
    void fix(RunProblem& problem, std::string label, Change&& change) {
        RunConfig fixed = m_config;
        change(fixed);
        problem.fixLabel = std::move(label);
        problem.fixed = std::move(fixed);
    }

    void findInModel();
    void findInData();
    void findRows(const RowCounts& counts);
    void findInEvaluation();
    void findInAdapter();
    void findInSettings();
    void findInMemory();
    void findInTraining();
    void findInTimes();

    const CheckedRun& m_run;
    const RunConfig& m_config;
    std::vector<RunProblem> m_found;
};

void Problems::findInModel() {
    if (m_config.model.empty())
        add(Severity::Error, "model", "No model chosen", "Choose the model that is to be trained");
    else if (!m_run.modelError.empty())
        add(Severity::Error, "model", "This model cannot be used", m_run.modelError);
    if (!m_run.tokenizerError.empty())
        add(Severity::Error, "model", "The model's tokenizer cannot be used", m_run.tokenizerError);
    if (!m_run.kernelsError.empty())
        fix(add(Severity::Error, "kernels", "This processor cannot run these kernels", m_run.kernelsError),
            "Use automatic", [](RunConfig& run) { run.kernels = "auto"; });
    if (!m_run.model || !m_run.model->quantization)
        return;
    const QuantizationSpec& own = *m_run.model->quantization;
    const std::string form = fmt::format("{} in blocks of {}", m_run.check.model->storedType, own.blocksize);
    const QuantizationConfig& wanted = m_config.quantization;
    const bool isSame =
        wanted.type == own.type && wanted.blocksize == own.blocksize && wanted.doubleQuant == own.doubleQuant;
    if (wanted.type == QuantType::None)
        add(Severity::Note, "quantization.type", "The model is quantized already",
            fmt::format("It stays as it is, {}", form));
    else if (!isSame)
        fix(add(Severity::Error, "quantization.type", "The model is quantized already",
                fmt::format("It is {} and cannot be quantized otherwise", form)),
            "Keep it as it is", [&own](RunConfig& run) {
                run.quantization = {own.type, own.blocksize, own.doubleQuant, std::nullopt};
            });
}

void Problems::findRows(const RowCounts& counts) {
    const DataFacts& facts = counts.facts;
    const std::string reasons = fmt::format("{}", fmt::join(counts.reasons, "; "));
    if (counts.facts.trainedRows == 0) {
        add(Severity::Error, "data.train", "Nothing would be trained",
            facts.rows == 0 ? "The dataset has no rows" : "No row can be used: " + reasons);
        return;
    }
    if (facts.skipped > 0)
        add(facts.skipped * 20 > facts.rows ? Severity::Warning : Severity::Note, "data.train",
            fmt::format("{} of {} rows are skipped", withSeparators(facts.skipped), withSeparators(facts.rows)),
            reasons);
    if (facts.truncated * 10 <= facts.rows)
        return;
    RunProblem& cut =
        add(Severity::Warning, "data.max_length",
            fmt::format("{} of {} rows are cut off", withSeparators(facts.truncated), withSeparators(facts.rows)),
            fmt::format("They are longer than {} tokens, and their ends are not trained",
                        withSeparators(m_config.data.maxLength)));
    const auto length = int(std::bit_ceil(uint64_t(counts.usualLongest)));
    const int64_t positions = m_run.model ? m_run.model->config.maxPositions : length;
    const int better = int(std::min<int64_t>(length, positions));
    if (better > m_config.data.maxLength)
        fix(cut, "Use " + withSeparators(better), [better](RunConfig& run) { run.data.maxLength = better; });
}

void Problems::findInData() {
    if (m_config.data.train.empty()) {
        add(Severity::Error, "data.train", "No dataset chosen", "Choose the rows to train on");
    } else if (!m_run.dataError.empty()) {
        RunProblem& problem = add(Severity::Error, "data.train", "This dataset cannot be used", m_run.dataError);
        if (m_config.data.chatTemplate == TemplateChoice::Chat && m_run.model && !m_run.model->facts.hasChatTemplate) {
            problem.key = "data.template";
            fix(problem, "Use automatic", [](RunConfig& run) { run.data.chatTemplate = TemplateChoice::Auto; });
        }
    } else if (m_run.counts) {
        findRows(*m_run.counts);
        if (m_run.counts->facts.trainedRows > 0 && m_run.model && !m_run.model->facts.hasChatTemplate &&
            m_config.data.chatTemplate == TemplateChoice::Auto &&
            m_run.counts->facts.format != rowFormatName(RowFormat::Text))
            add(Severity::Note, "data.template", "No chat template in the model", "Rows are joined plainly");
    }
    if (m_run.model && m_run.check.data && m_run.check.data->longest > m_run.model->config.maxPositions) {
        const auto positions = int(m_run.model->config.maxPositions);
        fix(add(Severity::Error, "data.max_length", "Rows are longer than the model can read",
                fmt::format("The longest has {} tokens, the model has {} positions",
                            withSeparators(m_run.check.data->longest), withSeparators(positions))),
            "Use " + withSeparators(positions), [positions](RunConfig& run) { run.data.maxLength = positions; });
    }
    findInEvaluation();
}

void Problems::findInEvaluation() {
    if (!m_run.evalError.empty()) {
        const bool isFile = !m_config.data.eval.empty();
        fix(add(Severity::Error, isFile ? "data.eval" : "data.eval_fraction", "No rows to evaluate with",
                m_run.evalError),
            "Train without evaluation", [](RunConfig& run) {
                run.data.eval.clear();
                run.data.evalFraction = 0.0;
            });
        return;
    }
    const bool asked = m_config.every.eval != EveryConfig().eval && m_config.every.eval > 0;
    if (asked && m_config.data.eval.empty() && m_config.data.evalFraction == 0)
        fix(add(Severity::Note, "every.eval", "There is nothing to evaluate", "No rows are held out for it"),
            "Hold out 5 %", [](RunConfig& run) { run.data.evalFraction = 0.05; });
}

void Problems::findInAdapter() {
    if (!m_run.adapterError.empty())
        add(Severity::Error, "lora.init_from", "The adapter to go on from cannot be used", m_run.adapterError);
    const auto useAll = [](RunConfig& run) { run.lora.targetModules = "all-linear"; };
    if (!m_run.targetsError.empty()) {
        fix(add(Severity::Error, "lora.target_modules", "Nothing would be trained", m_run.targetsError),
            "Use all linear layers", useAll);
    } else if (!m_run.unknownModules.empty()) {
        const std::vector<std::string>& unknown = m_run.unknownModules;
        fix(add(Severity::Warning, "lora.target_modules",
                fmt::format("The model has no module {}", fmt::join(unknown, ", ")),
                fmt::format("It has {}", fmt::join(m_run.model->facts.modules, ", "))),
            "Leave it out", [&unknown](RunConfig& run) {
                auto& names = std::get<std::vector<std::string>>(*run.lora.targetModules);
                std::erase_if(names, [&](const std::string& name) { return std::ranges::count(unknown, name) > 0; });
            });
    }
}

void Problems::findInSettings() {
    for (const RunViolation& refused : m_run.refused)
        if (RunProblem& problem = add(Severity::Error, refused.key, "This value is not possible", refused.message);
            m_run.refused.size() == 1)
            fix(problem, "Use the default", [&](RunConfig& run) { run = resetSetting(run, refused.key); });
    for (const RunViolation& violation : violationsOf(m_config)) {
        RunProblem& problem =
            violation.code == ErrorCode::NotBuilt
                ? add(Severity::Error, violation.key, "This version cannot do that yet", violation.message)
                : add(Severity::Error, violation.key, "Two settings contradict each other", violation.message);
        if (violation.key == "training.warmup_steps")
            fix(problem, "Use a schedule with warm-up",
                [](RunConfig& run) { run.training.schedule = Schedule::ConstantWithWarmup; });
        else if (violation.key == "quantization.blocksize")
            fix(problem, "Use blocks of 64", [](RunConfig& run) {
                run.quantization.blocksize = QuantizationConfig().blocksize;
                run.quantization.bitsPerParameter.reset();
            });
        else if (m_run.refused.empty())
            fix(problem, "Use the default", [&](RunConfig& run) { run = resetSetting(run, violation.key); });
    }
}

void Problems::findInMemory() {
    const RunCheck& check = m_run.check;
    if (!m_run.memoryError.empty())
        add(Severity::Error, "training.batch_size", "The micro-batch is too large", m_run.memoryError);
    if (check.peak && !check.fits) {
        int largest = 0;
        for (int tag = 0; tag < kMemoryTags; ++tag)
            if ((*check.peak)[MemoryTag(tag)] > (*check.peak)[MemoryTag(largest)])
                largest = tag;
        const std::string room = memorySize(check.device.free());
        RunProblem& problem =
            add(Severity::Error, "", fmt::format("Does not fit in {}", room),
                fmt::format("It needs {}, of which {} are {}", memorySize(check.peak->total()),
                            memorySize((*check.peak)[MemoryTag(largest)]), tagWords(MemoryTag(largest))));
        if (check.fit.fits) {
            problem.fixLabel = check.fit.steps.size() == 1 ? check.fit.steps.front().label : "Make it fit";
            problem.fixed = check.fit.config;
        } else {
            problem.detail += fmt::format("; the least that it could need is {}", memorySize(check.fit.peak));
        }
    }
    if (m_run.freeDisk && *m_run.freeDisk < m_run.neededDisk) {
        RunProblem& problem = add(Severity::Error, "training.save_total_limit", "The disk has no room for the run",
                                  fmt::format("Its adapters need {}, {} are free in the data folder",
                                              diskSize(m_run.neededDisk), diskSize(*m_run.freeDisk)));
        if (m_config.every.save > 0)
            fix(problem, "Save only at the end", [](RunConfig& run) { run.every.save = 0; });
    }
    if (!m_run.canWriteData)
        add(Severity::Error, "", "The data folder cannot be written", "Choose another one in the settings");
}

void Problems::findInTraining() {
    const double usual = TrainingConfig().learningRate;
    const double rate = m_config.training.learningRate;
    if (rate >= 10 * usual)
        fix(add(Severity::Warning, "training.learning_rate",
                fmt::format("Learning rate {} x default", withSeparators(int64_t(std::min(rate / usual, 1e15) + 1e-9))),
                "The loss often diverges"),
            "Use " + shortNumber(usual), [usual](RunConfig& run) { run.training.learningRate = usual; });
    if (m_config.training.maxSteps && m_config.training.epochs != TrainingConfig().epochs)
        fix(add(Severity::Note, "training.num_train_epochs", "The number of epochs has no effect",
                fmt::format("The run ends after {} steps", withSeparators(*m_config.training.maxSteps))),
            "Train by epochs", [](RunConfig& run) { run.training.maxSteps.reset(); });
}

void Problems::findInTimes() {
    if (!m_run.check.steps)
        return;
    const int64_t steps = *m_run.check.steps;
    const std::string whole = fmt::format("The run has {} steps", withSeparators(steps));
    const TrainingConfig& training = m_config.training;
    if (training.schedule != Schedule::Constant && training.warmupSteps > 0 && training.warmupSteps >= steps)
        fix(add(Severity::Warning, "training.warmup_steps", "The warm-up is as long as the run", whole),
            "Use " + withSeparators(steps / 10), [steps](RunConfig& run) { run.training.warmupSteps = steps / 10; });
    const int64_t quarter = std::max<int64_t>(1, steps / 4);
    const EveryConfig& every = m_config.every;
    if (m_run.check.evaluations.value_or(0) > 0 && every.eval >= steps && steps > 1)
        fix(add(Severity::Note, "every.eval", "Evaluated only at the end", whole), "Use " + withSeparators(quarter),
            [quarter](RunConfig& run) { run.every.eval = quarter; });
    if (!m_config.samples.prompts.empty() && every.sample >= steps && steps > 1)
        fix(add(Severity::Note, "every.sample", "Sample answers only at the end", whole),
            "Use " + withSeparators(quarter), [quarter](RunConfig& run) { run.every.sample = quarter; });
    if (every.save != EveryConfig().save && every.save >= steps)
        fix(add(Severity::Note, "every.save", "No checkpoint before the end", whole), "Use " + withSeparators(quarter),
            [quarter](RunConfig& run) { run.every.save = quarter; });
}

} // namespace

std::vector<RunProblem> problemsOf(const CheckedRun& run) {
    return Problems(run).found();
}

} // namespace lorikeet
