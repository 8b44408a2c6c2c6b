// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_problems.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/ranges.h>

#include "core/jobs/readable.h"
#include "core/model/blocksizes.h"
#include "core/train/run_settings.h"

namespace lorikeet {
namespace {

using Severity = ProblemSeverity;

/// A tenth of LoRA's: what full finetunings of small models are usually done with (Alpaca: 2e-5).
constexpr double kFullLearningRate = 2e-5;

class Problems {
public:
    explicit Problems(const CheckedRun& run) : m_run(run), m_config(run.config) {}

    std::vector<RunProblem> found() {
        findInModel();
        findInData();
        findInAdapter();
        findInSavedModules();
        findInSettings();
        findInMemory();
        findInTraining();
        findInTimes();
        std::ranges::stable_sort(m_found, {}, &RunProblem::severity);
        return std::move(m_found);
    }

private:
    RunProblem& add(Severity severity, std::string key, Phrase title, Phrase detail) {
        m_found.push_back({severity, std::move(title), std::move(detail), std::move(key), {}, std::nullopt});
        return m_found.back();
    }
    template <typename Change>
    void fix(RunProblem& problem, Phrase label, Change&& change) {
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
    void findInSavedModules();
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
        add(Severity::Error, "model", phrase("No model chosen"), phrase("Choose the model that is to be trained"));
    else if (!m_run.modelError.empty())
        add(Severity::Error, "model", phrase("This model cannot be used"), verbatim(m_run.modelError));
    if (!m_run.tokenizerError.empty())
        add(Severity::Error, "model", phrase("The model's tokenizer cannot be used"), verbatim(m_run.tokenizerError));
    if (!m_run.kernelsError.empty())
        fix(add(Severity::Error, "kernels", phrase("This processor cannot run these kernels"),
                verbatim(m_run.kernelsError)),
            phrase("Use automatic"), [](RunConfig& run) { run.kernels = "auto"; });
    if (!m_run.model || !m_run.model->quantization)
        return;
    const QuantizationSpec& own = *m_run.model->quantization;
    const Blocksizes& sizes = m_run.model->blocksizes;
    const std::string blocks =
        sizes.empty() ? std::to_string(own.blocksize)
                      : fmt::format("{} to {}", *std::ranges::min_element(sizes), *std::ranges::max_element(sizes));
    const std::string& type = m_run.check.model->storedType;
    const QuantizationConfig& wanted = m_config.quantization;
    const bool isSame = sizes.empty() && wanted.type == own.type && wanted.blocksize == own.blocksize &&
                        wanted.doubleQuant == own.doubleQuant;
    if (m_config.method == Method::Full)
        fix(add(Severity::Error, "method", phrase("The model is quantized already"),
                phrase("Full finetuning needs the model as it was before it was made {} in blocks of {}", type,
                       blocks)),
            phrase("Train a LoRA adapter instead of every weight"), [](RunConfig& run) { run.method = Method::Lora; });
    else if (wanted.type == QuantType::None)
        add(Severity::Note, "quantization.type", phrase("The model is quantized already"),
            phrase("It stays as it is, {} in blocks of {}", type, blocks));
    else if (!isSame)
        fix(add(Severity::Error, "quantization.type", phrase("The model is quantized already"),
                phrase("It is {} in blocks of {} and cannot be quantized otherwise", type, blocks)),
            phrase("Keep it as it is"), [&](RunConfig& run) {
                run.quantization = {own.type, own.blocksize, own.doubleQuant, std::nullopt};
                if (!sizes.empty())
                    run.quantization = {QuantType::None, own.blocksize, own.doubleQuant, std::nullopt};
            });
}

void Problems::findRows(const RowCounts& counts) {
    const DataFacts& facts = counts.facts;
    const std::string reasons = fmt::format("{}", fmt::join(counts.reasons, "; "));
    if (counts.facts.trainedRows == 0) {
        add(Severity::Error, "data.train", phrase("Nothing would be trained"),
            facts.rows == 0 ? phrase("The dataset has no rows") : phrase("No row can be used: {}", reasons));
        return;
    }
    if (facts.skipped > 0)
        add(facts.skipped * 20 > facts.rows ? Severity::Warning : Severity::Note, "data.train",
            phrase("{} of {} rows are skipped", withSeparators(facts.skipped), withSeparators(facts.rows)),
            verbatim(reasons));
    if (facts.truncated * 10 <= facts.rows)
        return;
    RunProblem& cut =
        add(Severity::Warning, "data.max_length",
            phrase("{} of {} rows are cut off", withSeparators(facts.truncated), withSeparators(facts.rows)),
            phrase("They are longer than {} tokens, and their ends are not trained",
                   withSeparators(m_config.data.maxLength)));
    const auto length = int(std::bit_ceil(uint64_t(counts.usualLongest)));
    const int64_t positions = m_run.model ? m_run.model->config.maxPositions : length;
    const int better = int(std::min<int64_t>(length, positions));
    if (better > m_config.data.maxLength)
        fix(cut, phrase("Use {}", withSeparators(better)), [better](RunConfig& run) { run.data.maxLength = better; });
}

void Problems::findInData() {
    if (m_config.data.train.empty()) {
        add(Severity::Error, "data.train", phrase("No dataset chosen"), phrase("Choose the rows to train on"));
    } else if (!m_run.dataError.empty()) {
        RunProblem& problem =
            add(Severity::Error, "data.train", phrase("This dataset cannot be used"), verbatim(m_run.dataError));
        if (m_config.data.chatTemplate == TemplateChoice::Chat && m_run.model && !m_run.model->facts.hasChatTemplate) {
            problem.key = "data.template";
            fix(problem, phrase("Use automatic"), [](RunConfig& run) { run.data.chatTemplate = TemplateChoice::Auto; });
        }
    } else if (m_run.counts) {
        findRows(*m_run.counts);
        if (m_run.counts->facts.trainedRows > 0 && m_run.model && !m_run.model->facts.hasChatTemplate &&
            m_config.data.chatTemplate == TemplateChoice::Auto &&
            m_run.counts->facts.format != rowFormatName(RowFormat::Text))
            add(Severity::Note, "data.template", phrase("No chat template in the model"),
                phrase("Rows are joined plainly"));
    }
    if (m_run.model && m_run.check.data && m_run.check.data->longest > m_run.model->config.maxPositions) {
        const auto positions = int(m_run.model->config.maxPositions);
        fix(add(Severity::Error, "data.max_length", phrase("Rows are longer than the model can read"),
                phrase("The longest has {} tokens, the model has {} positions",
                       withSeparators(m_run.check.data->longest), withSeparators(positions))),
            phrase("Use {}", withSeparators(positions)),
            [positions](RunConfig& run) { run.data.maxLength = positions; });
    }
    findInEvaluation();
}

void Problems::findInEvaluation() {
    if (!m_run.evalError.empty()) {
        const bool isFile = !m_config.data.eval.empty();
        fix(add(Severity::Error, isFile ? "data.eval" : "data.eval_fraction", phrase("No rows to evaluate with"),
                verbatim(m_run.evalError)),
            phrase("Train without evaluation"), [](RunConfig& run) {
                run.data.eval.clear();
                run.data.evalFraction = 0.0;
            });
        return;
    }
    const bool asked = m_config.every.eval != EveryConfig().eval && m_config.every.eval > 0;
    if (asked && m_config.data.eval.empty() && m_config.data.evalFraction == 0)
        fix(add(Severity::Note, "every.eval", phrase("There is nothing to evaluate"),
                phrase("No rows are held out for it")),
            phrase("Hold out 5 %"), [](RunConfig& run) { run.data.evalFraction = 0.05; });
}

void Problems::findInAdapter() {
    if (!m_run.adapterError.empty())
        add(Severity::Error, "lora.init_from", phrase("The adapter to go on from cannot be used"),
            verbatim(m_run.adapterError));
    const auto useAll = [](RunConfig& run) { run.lora.targetModules = "all-linear"; };
    if (!m_run.targetsError.empty()) {
        fix(add(Severity::Error, "lora.target_modules", phrase("Nothing would be trained"),
                verbatim(m_run.targetsError)),
            phrase("Use all linear layers"), useAll);
    } else if (!m_run.unknownModules.empty()) {
        const std::vector<std::string>& unknown = m_run.unknownModules;
        fix(add(Severity::Warning, "lora.target_modules",
                phrase("The model has no module {}", fmt::format("{}", fmt::join(unknown, ", "))),
                phrase("It has {}", fmt::format("{}", fmt::join(m_run.model->facts.modules, ", ")))),
            phrase("Leave it out"), [&unknown](RunConfig& run) {
                auto& names = std::get<std::vector<std::string>>(*run.lora.targetModules);
                std::erase_if(names, [&](const std::string& name) { return std::ranges::count(unknown, name) > 0; });
            });
    }
}

void Problems::findInSavedModules() {
    if (!m_run.savedError.empty())
        fix(add(Severity::Error, "lora.modules_to_save", phrase("These modules cannot be trained as a whole"),
                verbatim(m_run.savedError)),
            phrase("Train no module as a whole"), [](RunConfig& run) { run.lora.modulesToSave.clear(); });
}

void Problems::findInSettings() {
    for (const RunViolation& refused : m_run.refused)
        if (RunProblem& problem =
                add(Severity::Error, refused.key, phrase("This value is not possible"), verbatim(refused.message));
            m_run.refused.size() == 1)
            fix(problem, phrase("Use the default"), [&](RunConfig& run) { run = resetSetting(run, refused.key); });
    for (const RunViolation& violation : violationsOf(m_config)) {
        RunProblem& problem = violation.code == ErrorCode::NotBuilt
                                  ? add(Severity::Error, violation.key, phrase("This version cannot do that yet"),
                                        verbatim(violation.message))
                                  : add(Severity::Error, violation.key, phrase("Two settings contradict each other"),
                                        verbatim(violation.message));
        if (violation.key == "training.warmup_steps")
            fix(problem, phrase("Use a schedule with warm-up"),
                [](RunConfig& run) { run.training.schedule = Schedule::ConstantWithWarmup; });
        else if (violation.key == "quantization.type")
            fix(problem, phrase("Do not quantize"), [](RunConfig& run) { run.quantization.type = QuantType::None; });
        else if (violation.key == "quantization.blocksize" || violation.key == "quantization.bits_per_parameter")
            fix(problem, phrase("Use blocks of 64"), [](RunConfig& run) {
                run.quantization.blocksize = QuantizationConfig().blocksize;
                run.quantization.bitsPerParameter.reset();
            });
        else if (m_run.refused.empty())
            fix(problem, phrase("Use the default"), [&](RunConfig& run) { run = resetSetting(run, violation.key); });
    }
}

void Problems::findInMemory() {
    const RunCheck& check = m_run.check;
    if (!m_run.bitsError.empty()) {
        const QuantizationSpec spec = quantizationSpec(m_config.quantization);
        const double usual = bitsPerParameter(m_run.model->config, spec, {});
        fix(add(Severity::Error, "quantization.bits_per_parameter", phrase("No blocksizes take so many bits"),
                verbatim(m_run.bitsError)),
            phrase("Use the bits of blocks of {}", std::to_string(spec.blocksize)),
            [usual](RunConfig& run) { run.quantization.bitsPerParameter = std::ceil(usual * 1e4) / 1e4; });
    }
    if (!m_run.memoryError.empty())
        // The error begins with the key that it is about.
        add(Severity::Error, m_run.memoryError.substr(0, m_run.memoryError.find(' ')),
            phrase("The micro-batch is too large"), verbatim(m_run.memoryError));
    if (check.peak && !check.fits) {
        int largest = 0;
        for (int tag = 0; tag < kMemoryTags; ++tag)
            if ((*check.peak)[MemoryTag(tag)] > (*check.peak)[MemoryTag(largest)])
                largest = tag;
        const std::string whole = memorySize(check.peak->total());
        const std::string part = memorySize((*check.peak)[MemoryTag(largest)]);
        const std::string what = tagWords(MemoryTag(largest));
        RunProblem& problem = add(Severity::Error, "", phrase("Does not fit in {}", memorySize(check.device.free())),
                                  phrase("It needs {}, of which {} are {}", whole, part, what));
        problem.mayPass = check.peak->total() <= check.device.total;
        if (check.fit.fits) {
            problem.fixLabel = check.fit.steps.size() == 1 ? check.fit.steps.front().label : phrase("Make it fit");
            problem.fixed = check.fit.config;
        } else {
            problem.detail = phrase("It needs {}, of which {} are {}; the least that it could need is {}", whole, part,
                                    what, memorySize(check.fit.peak));
        }
    }
    if (m_run.freeDisk && *m_run.freeDisk < m_run.neededDisk) {
        RunProblem& problem =
            add(Severity::Error, "training.save_total_limit", phrase("The disk has no room for the run"),
                phrase("What it saves needs {}, {} are free in the data folder", diskSize(m_run.neededDisk),
                       diskSize(*m_run.freeDisk)));
        problem.mayPass = true;
        if (m_config.every.save > 0)
            fix(problem, phrase("Save only at the end"), [](RunConfig& run) { run.every.save = 0; });
    }
    if (!m_run.canWriteData)
        add(Severity::Error, "", phrase("The data folder cannot be written"),
            phrase("Choose another one in the settings"));
}

void Problems::findInTraining() {
    const bool isFull = m_config.method == Method::Full;
    const double usual = isFull ? kFullLearningRate : TrainingConfig().learningRate;
    const double rate = m_config.training.learningRate;
    const std::string times = withSeparators(int64_t(std::min(rate / usual, 1e15) + 1e-9));
    if (rate >= 10 * usual * (1 - 1e-9))
        fix(add(Severity::Warning, "training.learning_rate",
                isFull ? phrase("Learning rate {} x usual", times) : phrase("Learning rate {} x default", times),
                isFull ? phrase("Full finetuning wants about {}: with more, the model forgets what it knew",
                                shortNumber(usual))
                       : phrase("The loss often diverges")),
            phrase("Use {}", shortNumber(usual)), [usual](RunConfig& run) { run.training.learningRate = usual; });
    else if (!isFull && rate <= usual / 10 * (1 + 1e-9))
        fix(add(Severity::Warning, "training.learning_rate", phrase("Learning rate a tenth of the default or less"),
                phrase("An adapter learns little with it; full finetunings use such rates")),
            phrase("Use {}", shortNumber(usual)), [usual](RunConfig& run) { run.training.learningRate = usual; });
    if (m_config.training.maxSteps && m_config.training.epochs != TrainingConfig().epochs)
        fix(add(Severity::Note, "training.num_train_epochs", phrase("The number of epochs has no effect"),
                phrase("The run ends after {} steps", withSeparators(*m_config.training.maxSteps))),
            phrase("Train by epochs"), [](RunConfig& run) { run.training.maxSteps.reset(); });
}

void Problems::findInTimes() {
    if (!m_run.check.steps)
        return;
    const int64_t steps = *m_run.check.steps;
    const Phrase whole = phrase("The run has {} steps", withSeparators(steps));
    const TrainingConfig& training = m_config.training;
    if (training.schedule != Schedule::Constant && training.warmupSteps > 0 && training.warmupSteps >= steps)
        fix(add(Severity::Warning, "training.warmup_steps", phrase("The warm-up is as long as the run"), whole),
            phrase("Use {}", withSeparators(steps / 10)),
            [steps](RunConfig& run) { run.training.warmupSteps = steps / 10; });
    const int64_t quarter = std::max<int64_t>(1, steps / 4);
    const EveryConfig& every = m_config.every;
    if (m_run.check.evaluations.value_or(0) > 0 && every.eval >= steps && steps > 1)
        fix(add(Severity::Note, "every.eval", phrase("Evaluated only at the end"), whole),
            phrase("Use {}", withSeparators(quarter)), [quarter](RunConfig& run) { run.every.eval = quarter; });
    if (!m_config.samples.prompts.empty() && every.sample >= steps && steps > 1)
        fix(add(Severity::Note, "every.sample", phrase("Sample answers only at the end"), whole),
            phrase("Use {}", withSeparators(quarter)), [quarter](RunConfig& run) { run.every.sample = quarter; });
    if (every.save != EveryConfig().save && every.save >= steps)
        fix(add(Severity::Note, "every.save", phrase("No checkpoint before the end"), whole),
            phrase("Use {}", withSeparators(quarter)), [quarter](RunConfig& run) { run.every.save = quarter; });
}

} // namespace

std::vector<RunProblem> problemsOf(const CheckedRun& run) {
    return Problems(run).found();
}

} // namespace lorikeet
