// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include <array>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "core/train/run_history.h"
#include "core/train/schedule.h"

namespace lorikeet {
namespace {

bool isDue(int64_t step, int64_t every) {
    return every > 0 && step % every == 0;
}

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

constexpr const char* kAdvice =
    "A lower training.learning_rate, a warm-up (training.warmup_steps), a lower training.max_grad_norm or "
    "compute_dtype \"float32\" may help";

} // namespace

/// What a step's one download brings.
struct Trainer::StepSums {
    float loss = 0.0f;
    float norm = 0.0f;
    float factor = 0.0f;

    bool isFinite() const { return std::isfinite(loss) && std::isfinite(norm); }
};

Trainer::Trainer(const RunConfig& config, TrainerParts parts)
    : m_config(config), m_parts(std::move(parts)), m_identity{m_parts.start.run, config, m_parts.data, m_parts.model,
                                                              m_parts.context.backend().kernels()},
      m_optimizer(m_parts.context, m_parts.adapter.parameters(), config.training, config.lora.loraPlusRatio,
                  m_parts.folder),
      m_scalars(m_parts.context.allocate(DType::F32, {3}, MemoryTag::Workspace)),
      m_steps(plannedSteps(config.training, m_parts.planner)),
      m_facts(config, m_parts.planner, m_steps, m_parts.evaluation), m_watch(m_parts.base.config().vocabularySize),
      m_shelf(m_parts.folder, config.training.saveTotalLimit) {
    m_parts.start.steps = m_steps;
    m_parts.start.kernels = m_parts.context.backend().kernels();
    m_parts.start.trainableParameters = m_parts.adapter.parameterCount();
    if (m_parts.from)
        goOn(*m_parts.from);
}

void Trainer::goOn(Checkpoint& from) {
    requireSameRun(from.folder, from.identity, m_identity);
    const TrainingState& state = from.state;
    if (state.step > m_steps || state.samplesDrawn > int64_t(m_config.samples.prompts.size()) ||
        m_parts.planner.epochsUntil(state.cursor) >= double(state.cursor.epoch + 1))
        fail(ErrorCode::BadFile, "{}: step {}, position {} and {} samples are beyond what this run has",
             from.folder.string(), state.step, state.cursor.position, state.samplesDrawn);
    restoreCheckpoint(m_parts.context, from, m_parts.base.config(), m_parts.adapter, m_optimizer);
    m_state = from.state;
    m_saved = m_state;
    m_watch.restore(m_state.watch);
    m_facts.restore(m_state.facts);
    m_history = std::move(from.history);
    m_secondsBefore = m_state.seconds;
}

double Trainer::rateAt(int64_t step) const {
    const TrainingConfig& training = m_config.training;
    return training.learningRate * scheduleFactor(training.schedule, step, training.warmupSteps, m_steps);
}

double Trainer::seconds() const {
    return m_secondsBefore + secondsSince(m_started);
}

bool Trainer::isEvaluationDue() const {
    return m_parts.evaluation && (isDue(m_state.step, m_config.every.eval) || m_state.step == m_steps);
}

bool Trainer::areSamplesDue() const {
    return m_parts.sample && (isDue(m_state.step, m_config.every.sample) || m_state.step == m_steps);
}

bool Trainer::endsEarly() const {
    const std::optional<int64_t>& patience = m_config.training.earlyStoppingPatience;
    return patience && m_state.evaluationsSinceBest >= *patience && m_state.step < m_steps;
}

bool Trainer::isDone() const {
    const bool isFinished = (!isEvaluationDue() || m_state.isEvaluated) &&
                            (!areSamplesDue() || m_state.samplesDrawn == int64_t(m_config.samples.prompts.size()));
    return isFinished && (m_state.step >= m_steps || endsEarly());
}

bool Trainer::isInterrupted() const {
    return m_control->isInterrupted() || !m_failure.empty() || !m_diskFull.empty();
}

void Trainer::rememberPeak(const MemoryByTag& peak) {
    if (peak.total() > m_state.peak.total())
        m_state.peak = peak;
}

void Trainer::turnTo(RunPhase phase) {
    if (m_phase != phase && m_parts.phase)
        m_parts.phase(phase);
    m_phase = phase;
}

void Trainer::tell(const RunEvent& event) {
    m_history += historyLine(event);
    (*m_observer)(event);
}

void Trainer::warn(const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
        tell(WarningEvent{text});
}

bool Trainer::takeStep(int64_t step, const StepData& data, StepSums& sums) {
    ExecutionContext& context = m_parts.context;
    Backend& backend = context.backend();
    const Tensor loss = m_scalars.view().rows(0, 1);
    backend.fill(context, m_scalars, 0.0f);
    m_parts.adapter.zeroGradients(context);

    PassOptions options{.gradientCheckpointing = m_config.training.gradientCheckpointing,
                        .dropout = float(m_config.lora.dropout),
                        .neftuneAlpha = float(m_config.training.neftuneNoiseAlpha),
                        .seed = m_config.training.seed,
                        .step = uint32_t(step)};
    for (const TokenBatch& batch : data.microBatches) {
        if (m_control->isInterrupted())
            return false;
        const DeviceBatch onDevice =
            uploadBatch(context, {batch.tokens, batch.offsets, batch.positions, batch.targetRows, batch.targets},
                        m_parts.base.config().vocabularySize);
        lossAndGradients(context, m_parts.base, m_parts.adapter, onDevice, 1.0f / float(data.trainedTokens), options,
                         loss);
        ++options.microBatch;
    }
    m_isChanging = true;
    m_optimizer.step(context, step, rateAt(step), loss, m_scalars.view().rows(1, 2), m_scalars.view().rows(2, 3));
    std::array<float, 3> values{};
    backend.download(context, m_scalars, values.data());
    m_isChanging = false;
    sums = {values[0], values[1], values[2]};
    return true;
}

void Trainer::nextStep() {
    turnTo(RunPhase::Training);
    MemoryLedger& ledger = m_parts.context.backend().ledger();
    const int64_t step = m_state.step + 1;
    const Clock::time_point stepStarted = Clock::now();
    ledger.resetPeak();
    DataCursor cursor = m_state.cursor;
    const StepData data = m_parts.planner.next(cursor);
    StepSums sums;
    const bool isTaken = takeStep(step, data, sums);
    const MemoryByTag memory = ledger.peak();
    rememberPeak(memory);
    if (!isTaken)
        return;
    const double duration = secondsSince(stepStarted);
    m_state.trainingSeconds += duration;
    m_state.totalTokens += data.tokens;
    const double left = m_facts.addStep(step, data.tokens, duration, cursor);
    judge(step, sums);
    if (sums.isFinite()) {
        m_state.step = step;
        m_state.cursor = cursor;
        m_state.isEvaluated = false;
        m_state.samplesDrawn = 0;
        m_state.watch = m_watch.state();
    }
    if (isDue(step, m_config.every.log) || step == m_steps || !sums.isFinite())
        tell(StepEvent{.step = step,
                       .steps = m_steps,
                       .loss = sums.loss,
                       .gradNorm = sums.norm,
                       .learningRate = rateAt(step),
                       .tokens = data.tokens,
                       .trainedTokens = data.trainedTokens,
                       .tokensPerSecond = double(data.tokens) / duration,
                       .secondsLeft = left,
                       .memory = memory,
                       .seconds = seconds(),
                       .epoch = m_parts.planner.epochsUntil(cursor),
                       .totalTokens = m_state.totalTokens});
    if (m_failure.empty()) {
        warn(m_facts.judgeStep(sums.loss, sums.norm));
        finishStep();
    }
    rememberPeak(ledger.peak());
}

/// Notes why the run cannot go on after this step, if so.
void Trainer::judge(int64_t step, const StepSums& sums) {
    m_lastLoss = sums.loss;
    if (!sums.isFinite()) {
        m_failureCode = "not_finite";
        m_failure = fmt::format("step {}: the loss is {} and the gradient norm {}; nothing of this step was kept. {}",
                                step, sums.loss, sums.norm, kAdvice);
        return;
    }
    m_watch.add(sums.loss);
    if (!m_watch.hasDiverged())
        return;
    m_failureCode = "diverged";
    m_failure =
        fmt::format("step {}: the training diverges: the smoothed loss is {:.2f}, beyond {:.2f}, and was {:.2f} "
                    "at its best; what was saved before stays. {}",
                    step, m_watch.smoothed(), m_watch.bound(), m_watch.best(), kAdvice);
}

/// What is due after a step; where that is interrupted, the state says what is left of it.
void Trainer::finishStep() {
    if (isEvaluationDue() && !m_state.isEvaluated && !evaluate())
        return;
    if (areSamplesDue() && !drawSamples())
        return;
    const bool isWanted = m_control->takeSaveRequest();
    const bool isSavedAlready = isSaved();
    const bool isBest = m_config.every.save > 0 && m_state.best && m_state.best->step == m_state.step;
    if (isWanted || ((isBest || isDue(m_state.step, m_config.every.save)) && m_state.step < m_steps))
        saveCheckpoint();
    if (isWanted && isSavedAlready) // whoever asked hears of it all the same
        tell(CheckpointEvent{m_state.step, m_shelf.folderOf(m_state.step), {}});
}

/// False where it was interrupted.
bool Trainer::evaluate() {
    turnTo(RunPhase::Evaluating);
    const Clock::time_point started = Clock::now();
    double loss = 0.0;
    try {
        loss = evaluateLoss(m_parts.context, m_parts.base, &m_parts.adapter, m_parts.evaluation,
                            m_config.training.batchSize, m_control->interruption())
                   .mean();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Cancelled)
            throw;
        return false;
    }
    const EvalEvent event{m_state.step, loss};
    const bool isBest = std::isfinite(loss) && (!m_state.best || loss < m_state.best->loss);
    m_state.evaluationsSinceBest = isBest ? 0 : m_state.evaluationsSinceBest + 1;
    if (isBest)
        m_state.best = event;
    m_state.isEvaluated = true;
    m_facts.add(RunPhase::Evaluating, secondsSince(started));
    tell(event);
    warn(m_facts.judgeEvaluation(loss));
    return true;
}

/// False where they were interrupted.
bool Trainer::drawSamples() {
    turnTo(RunPhase::Sampling);
    const Clock::time_point started = Clock::now();
    const bool isWhole = m_state.samplesDrawn == 0;
    const std::vector<std::string>& prompts = m_config.samples.prompts;
    while (m_state.samplesDrawn < int64_t(prompts.size())) {
        const std::string& prompt = prompts[std::size_t(m_state.samplesDrawn)];
        std::optional<std::string> text;
        try {
            text = m_parts.sample(prompt, m_control->interruption());
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadConfig)
                throw;
            // A prompt that the model cannot take must not cost the training.
            tell(WarningEvent{fmt::format("no sample of \"{}\": {}", prompt.substr(0, 80), error.message())});
        }
        if (m_control->isInterrupted())
            return false;
        m_state.samplesDrawn += 1;
        if (text)
            tell(SampleEvent{m_state.step, prompt, *text});
    }
    if (isWhole)
        m_facts.add(RunPhase::Sampling, secondsSince(started));
    return true;
}

void Trainer::trainSteps() {
    m_shelf.goOnFrom(m_state.step);
    rehearse();
    if (m_state.step > 0)
        finishStep();
    while (m_state.step < m_steps && !isInterrupted() && !endsEarly())
        nextStep();
}

EndEvent Trainer::run(const RunObserver& observer, RunControl& control) {
    m_observer = &observer;
    m_control = &control;
    m_started = Clock::now();
    EndEvent end{.run = m_parts.start.run};
    rememberPeak(m_parts.context.backend().ledger().peak());
    observer(m_parts.start);
    try {
        trainSteps();
        close(end);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::DeviceLost)
            throw; // nothing that comes from such a device can be trusted
        if (!isDiskFull(error))
            throw Error(error.code(), error.message() + rescue());
        m_diskFull = error.message();
        end.outcome = RunOutcome::Paused;
        end.adapter.reset();
        end.model.reset();
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, "not enough memory" + rescue());
    }
    if (end.outcome == RunOutcome::Paused && !m_diskFull.empty())
        end.reason =
            fmt::format("{}. The run pauses and keeps its last checkpoint: make room, then resume it", m_diskFull);
    end.steps = m_state.step;
    end.peak = m_state.peak;
    end.seconds = seconds();
    return end;
}

/// Decides how the run ends, and saves what that asks for.
void Trainer::close(EndEvent& end) {
    if (m_failure.empty() && m_diskFull.empty() && !isDone() && m_state.step > 0)
        saveCheckpoint();
    const bool isKept = m_failure.empty() && m_diskFull.empty() && requireFinite();
    if (!m_failure.empty()) {
        end.outcome = RunOutcome::Failed;
        end.reason = m_failure;
        end.errorCode = m_failureCode;
    } else if (!m_diskFull.empty()) {
        end.outcome = RunOutcome::Paused;
    } else if (isDone()) {
        end.outcome = RunOutcome::Finished;
    } else {
        end.outcome = m_control->isPaused() ? RunOutcome::Paused : RunOutcome::Stopped;
        if (end.outcome == RunOutcome::Paused && m_state.step > 0 && !isSaved())
            end.reason = fmt::format("step {} could not be saved: the run goes on from an earlier checkpoint, or from "
                                     "its beginning",
                                     m_state.step);
    }
    if (!isKept || end.outcome == RunOutcome::Paused)
        return;
    if (end.outcome == RunOutcome::Finished && endsEarly()) {
        end.reason = fmt::format("step {}: the evaluation loss has not become lower {} times, so the training ends; "
                                 "the lowest was {:.4f} at step {}",
                                 m_state.step, m_state.evaluationsSinceBest, m_state.best ? m_state.best->loss : NAN,
                                 m_state.best ? m_state.best->step : 0);
        tell(WarningEvent{end.reason});
    }
    turnTo(RunPhase::Saving);
    const bool isModel = m_parts.adapter.isWhole();
    const std::filesystem::path folder = m_parts.folder / (isModel ? "model" : "adapter");
    (isModel ? end.model : end.adapter) = folder;
    saveAdapterFolder(m_parts.context, m_parts.adapter, folder, m_parts.trainedOver, m_parts.modelTexts);
}

} // namespace lorikeet
