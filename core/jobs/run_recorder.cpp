// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_recorder.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/runs/run_store.h"

namespace lorikeet {

NamedBytes namedBytes(const MemoryByTag& bytes) {
    NamedBytes named;
    for (int tag = 0; tag < kMemoryTags; ++tag)
        if (bytes[MemoryTag(tag)] != 0)
            named[std::string(memoryTagName(MemoryTag(tag)))] = bytes[MemoryTag(tag)];
    return named;
}

MemoryByTag memoryOf(const NamedBytes& bytes) {
    MemoryByTag memory;
    for (int tag = 0; tag < kMemoryTags; ++tag)
        if (const auto found = bytes.find(std::string(memoryTagName(MemoryTag(tag)))); found != bytes.end())
            memory[MemoryTag(tag)] = found->second;
    return memory;
}

namespace {

StepMetrics metricsOf(const StepEvent& step) {
    return {.step = step.step,
            .loss = step.loss,
            .gradNorm = step.gradNorm,
            .learningRate = step.learningRate,
            .tokens = step.tokens,
            .trainedTokens = step.trainedTokens,
            .tokensPerSecond = step.tokensPerSecond,
            .seconds = step.seconds,
            .epoch = step.epoch,
            .totalTokens = step.totalTokens,
            .secondsLeft = step.secondsLeft > 0.0 ? step.secondsLeft : std::numeric_limits<double>::quiet_NaN()};
}

} // namespace

RunHistory historyOf(const std::vector<RunEvent>& events) {
    RunHistory history;
    for (const RunEvent& event : events) {
        if (const auto* step = std::get_if<StepEvent>(&event)) {
            history.metrics.push_back(metricsOf(*step));
            history.memory.push_back({step->step, namedBytes(step->memory)});
        } else if (const auto* evaluation = std::get_if<EvalEvent>(&event)) {
            history.evaluations.push_back({evaluation->step, evaluation->loss});
        } else if (const auto* sample = std::get_if<SampleEvent>(&event)) {
            history.samples.push_back({sample->step, sample->prompt, sample->text});
        }
    }
    return history;
}

RunRecorder::RunRecorder(RunStore& store, std::string run, const RunObserver& observer)
    : m_store(store), m_run(std::move(run)), m_observer(observer) {}

template <typename Write>
void RunRecorder::tryTo(Write&& write) {
    try {
        write();
    } catch (const Error& error) {
        if (!m_hasWarned && m_observer)
            m_observer(WarningEvent{fmt::format("the run goes on, but cannot be recorded: {}", error.message()),
                                    /*isRecorded=*/false});
        m_hasWarned = true;
    }
}

void RunRecorder::operator()(const RunEvent& event) {
    tryTo([&] { record(event); });
    if (m_observer)
        m_observer(event);
}

void RunRecorder::operator()(RunPhase phase) {
    tryTo([&] { m_store.setPhase(m_run, runPhaseName(phase)); });
}

void RunRecorder::record(const RunEvent& event) {
    if (const auto* step = std::get_if<StepEvent>(&event)) {
        m_step = step->step;
        m_store.recordStep(m_run, metricsOf(*step), namedBytes(step->memory));
    } else if (const auto* start = std::get_if<StartEvent>(&event)) {
        m_step = start->resumedFrom.value_or(0);
    } else if (const auto* evaluation = std::get_if<EvalEvent>(&event)) {
        m_store.recordEvaluation(m_run, {evaluation->step, evaluation->loss});
    } else if (const auto* sample = std::get_if<SampleEvent>(&event)) {
        m_store.recordSample(m_run, {sample->step, sample->prompt, sample->text});
    } else if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event)) {
        m_store.recordCheckpoint(m_run, {.step = checkpoint->step, .path = checkpoint->path.string()});
        for (const int64_t dropped : checkpoint->dropped)
            m_store.forgetCheckpoint(m_run, dropped);
    } else if (const auto* warning = std::get_if<WarningEvent>(&event)) {
        m_store.recordWarning(m_run, {.step = m_step, .text = warning->text});
    }
}

} // namespace lorikeet
