// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "core/base/error.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "core/train/schedule.h"

namespace lorikeet {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

bool isDue(int64_t step, int64_t every) {
    return every > 0 && step % every == 0;
}

std::string adviceForNotFinite(int64_t step, double loss, double norm) {
    return fmt::format(
        "step {}: the loss is {} and the gradient norm {}; nothing of this step was kept. A lower "
        "training.learning_rate, a warm-up (training.warmup_steps) or compute_dtype \"float32\" may help",
        step, loss, norm);
}

} // namespace

std::string_view runOutcomeName(RunOutcome outcome) {
    switch (outcome) {
    case RunOutcome::Finished:
        return "finished";
    case RunOutcome::Stopped:
        return "stopped";
    case RunOutcome::Failed:
        break;
    }
    return "failed";
}

std::string_view runPhaseName(RunPhase phase) {
    switch (phase) {
    case RunPhase::Training:
        return "training";
    case RunPhase::Evaluating:
        return "evaluating";
    case RunPhase::Sampling:
        return "sampling";
    case RunPhase::Saving:
        break;
    }
    return "saving";
}

/// What a step's one download brings.
struct Trainer::StepSums {
    float loss = 0.0f;
    float norm = 0.0f;
    float factor = 0.0f;

    bool isFinite() const { return std::isfinite(loss) && std::isfinite(norm); }
};

int64_t plannedSteps(const TrainingConfig& training, StepPlanner& planner) {
    return plannedSteps(training, [&planner](int64_t epoch) { return planner.stepsInEpoch(epoch); });
}

int64_t plannedSteps(const TrainingConfig& training, FunctionRef<int64_t(int64_t epoch)> stepsInEpoch) {
    if (training.maxSteps)
        return *training.maxSteps;
    const double whole = std::floor(training.epochs);
    int64_t steps = 0;
    for (int64_t epoch = 0; epoch < int64_t(whole); ++epoch)
        steps += stepsInEpoch(epoch);
    if (training.epochs > whole)
        steps += int64_t(std::ceil((training.epochs - whole) * double(stepsInEpoch(int64_t(whole)))));
    return steps;
}

Trainer::Trainer(const RunConfig& config, TrainerParts parts)
    : m_config(config), m_parts(std::move(parts)),
      m_optimizer(m_parts.context, m_parts.adapter.parameters(), config.training, config.lora.loraPlusRatio,
                  m_parts.folder),
      m_scalars(m_parts.context.allocate(DType::F32, {3}, MemoryTag::Workspace)),
      m_steps(plannedSteps(config.training, m_parts.planner)) {
    m_parts.start.steps = m_steps;
    m_parts.start.kernels = m_parts.context.backend().kernels();
    m_parts.start.trainableParameters = m_parts.adapter.parameterCount();
}

double Trainer::rateAt(int64_t step) const {
    const TrainingConfig& training = m_config.training;
    return training.learningRate * scheduleFactor(training.schedule, step, training.warmupSteps, m_steps);
}

void Trainer::rememberPeak(const MemoryByTag& peak) {
    if (peak.total() > m_peak.total())
        m_peak = peak;
}

void Trainer::turnTo(RunPhase phase) {
    if (m_phase != phase && m_parts.phase)
        m_parts.phase(phase);
    m_phase = phase;
}

bool Trainer::takeStep(int64_t step, const StepData& data, StepSums& sums, std::stop_token stop) {
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
        if (stop.stop_requested())
            return false;
        const DeviceBatch onDevice =
            uploadBatch(context, {batch.tokens, batch.offsets, batch.positions, batch.targetRows, batch.targets},
                        m_parts.base.config().vocabularySize);
        lossAndGradients(context, m_parts.base, m_parts.adapter, onDevice, 1.0f / float(data.trainedTokens), options,
                         loss);
        ++options.microBatch;
    }
    m_optimizer.step(context, step, rateAt(step), loss, m_scalars.view().rows(1, 2), m_scalars.view().rows(2, 3));

    std::array<float, 3> values{};
    backend.download(context, m_scalars, values.data());
    sums = {values[0], values[1], values[2]};
    return true;
}

void Trainer::evaluate(int64_t step, std::stop_token stop) {
    turnTo(RunPhase::Evaluating);
    try {
        const LossSum loss = evaluateLoss(m_parts.context, m_parts.base, &m_parts.adapter, m_parts.evaluation,
                                          m_config.training.batchSize, stop);
        (*m_observer)(EvalEvent{step, loss.mean()});
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Cancelled)
            throw;
    }
}

void Trainer::drawSamples(int64_t step, std::stop_token stop) {
    turnTo(RunPhase::Sampling);
    for (const std::string& prompt : m_config.samples.prompts) {
        std::string text;
        try {
            text = m_parts.sample(prompt, stop);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::BadConfig)
                throw;
            // A prompt that the model cannot take must not cost the training.
            (*m_observer)(WarningEvent{fmt::format("no sample of \"{}\": {}", prompt.substr(0, 80), error.message())});
            continue;
        }
        if (stop.stop_requested())
            return;
        (*m_observer)(SampleEvent{step, prompt, std::move(text)});
    }
}

std::filesystem::path Trainer::checkpointFolder(int64_t step) const {
    return m_parts.folder / "checkpoints" / fmt::format("step-{}", step);
}

void Trainer::writeCheckpoint(int64_t step) {
    turnTo(RunPhase::Saving);
    const std::filesystem::path folder = checkpointFolder(step);
    saveAdapterFolder(m_parts.context, m_parts.adapter, folder, m_parts.trainedOver);
    CheckpointEvent event{.step = step, .path = folder, .dropped = {}};
    m_checkpoints.push_back(step);
    while (m_config.training.saveTotalLimit && int64_t(m_checkpoints.size()) > *m_config.training.saveTotalLimit) {
        std::error_code ignored;
        std::filesystem::remove_all(checkpointFolder(m_checkpoints.front()), ignored);
        event.dropped.push_back(m_checkpoints.front());
        m_checkpoints.erase(m_checkpoints.begin());
    }
    (*m_observer)(event);
}

void Trainer::saveCheckpoint(int64_t step) {
    try {
        writeCheckpoint(step);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Io)
            throw;
        (*m_observer)(WarningEvent{fmt::format("checkpoint of step {} was not saved: {}", step, error.message())});
    }
}

bool Trainer::adapterIsFinite() {
    for (const Parameter& parameter : m_parts.adapter.parameters()) {
        std::vector<float> values(std::size_t(parameter.value.view().elements()));
        m_parts.context.backend().download(m_parts.context, parameter.value, values.data());
        if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
            return false;
    }
    return true;
}

/// Saves what was trained up to `step` while an error is on its way; says where it is, or nothing.
std::string Trainer::rescue(int64_t step) noexcept {
    try {
        if (step == 0 || !adapterIsFinite())
            return {};
        if (m_checkpoints.empty() || m_checkpoints.back() != step)
            writeCheckpoint(step);
        return fmt::format("; the adapter as it was after step {} is in {}", step, checkpointFolder(step).string());
    } catch (...) {
        return {}; // the error on its way is the one to tell
    }
}

EndEvent Trainer::run(const RunObserver& observer, std::stop_token stop) {
    m_observer = &observer;
    const Clock::time_point started = Clock::now();
    EndEvent end{.run = m_parts.start.run};
    rememberPeak(m_parts.context.backend().ledger().peak());
    observer(m_parts.start);
    try {
        trainSteps(end, stop);
        if (end.outcome != RunOutcome::Failed) {
            end.outcome = end.steps < m_steps ? RunOutcome::Stopped : RunOutcome::Finished;
            turnTo(RunPhase::Saving);
            end.adapter = m_parts.folder / "adapter";
            saveAdapterFolder(m_parts.context, m_parts.adapter, *end.adapter, m_parts.trainedOver);
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::DeviceLost)
            throw; // nothing that comes from such a device can be trusted
        throw Error(error.code(), error.message() + rescue(end.steps));
    } catch (const std::bad_alloc&) {
        throw Error(ErrorCode::OutOfMemory, "not enough memory" + rescue(end.steps));
    }
    end.peak = m_peak;
    end.seconds = secondsSince(started);
    return end;
}

/// Takes the steps that are left; the end has its steps, and its outcome where they failed.
void Trainer::trainSteps(EndEvent& end, std::stop_token stop) {
    const RunObserver& observer = *m_observer;
    MemoryLedger& ledger = m_parts.context.backend().ledger();
    const Clock::time_point started = Clock::now();
    double trainingSeconds = 0.0;
    DataCursor cursor;
    int64_t totalTokens = 0;
    while (end.steps < m_steps && !stop.stop_requested()) {
        turnTo(RunPhase::Training);
        const int64_t step = end.steps + 1;
        const Clock::time_point stepStarted = Clock::now();
        ledger.resetPeak();
        const StepData data = m_parts.planner.next(cursor);
        StepSums sums;
        const bool isTaken = takeStep(step, data, sums, stop);
        const MemoryByTag memory = ledger.peak();
        rememberPeak(memory);
        if (!isTaken)
            break;
        const double seconds = secondsSince(stepStarted);
        trainingSeconds += seconds;
        totalTokens += data.tokens;
        if (sums.isFinite())
            end.steps = step;
        if (isDue(step, m_config.every.log) || step == m_steps || !sums.isFinite())
            observer(StepEvent{.step = step,
                               .steps = m_steps,
                               .loss = sums.loss,
                               .gradNorm = sums.norm,
                               .learningRate = rateAt(step),
                               .tokens = data.tokens,
                               .trainedTokens = data.trainedTokens,
                               .tokensPerSecond = double(data.tokens) / seconds,
                               .secondsLeft = trainingSeconds / double(step) * double(m_steps - step),
                               .memory = memory,
                               .seconds = secondsSince(started),
                               .epoch = m_parts.planner.epochsUntil(cursor),
                               .totalTokens = totalTokens});
        if (!sums.isFinite()) {
            end.outcome = RunOutcome::Failed;
            end.reason = adviceForNotFinite(step, sums.loss, sums.norm);
            break;
        }
        if (m_parts.evaluation && (isDue(step, m_config.every.eval) || step == m_steps))
            evaluate(step, stop);
        if (m_parts.sample && (isDue(step, m_config.every.sample) || step == m_steps))
            drawSamples(step, stop);
        if (isDue(step, m_config.every.save) && step < m_steps)
            saveCheckpoint(step);
        rememberPeak(ledger.peak());
    }
}

} // namespace lorikeet
