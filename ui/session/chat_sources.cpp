// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/chat_sources.h"

#include <algorithm>

#include "core/runs/run_store.h"
#include "ui/session/studio.h"

namespace lorikeet::ui {
namespace {

constexpr int kCheckpointInterval = 5000; // ms between looks for checkpoints of a run that trains

} // namespace

ChatSources::ChatSources(Studio& studio, QObject* parent) : QObject(parent), m_studio(studio) {
    connect(&m_studio, &Studio::modelsChanged, this, &ChatSources::refresh);
    connect(&m_studio.runs(), &RunFeed::changed, this, &ChatSources::onRunsChanged);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (isTraining())
            refresh();
    });
    m_timer.setInterval(kCheckpointInterval);
}

void ChatSources::setActive(bool active) {
    m_isActive = active;
    if (active) {
        m_timer.start();
        if (m_isStale)
            refresh();
    } else {
        m_timer.stop();
    }
}

void ChatSources::onRunsChanged() {
    QStringList signature;
    for (const RunRecord& run : m_studio.runs().runs())
        signature << QString::fromStdString(run.id) << QString::fromStdString(run.name)
                  << QString::number(int(run.state)) << QString::fromStdString(run.adapter.value_or(std::string()));
    if (signature == m_signature && m_isLoaded)
        return;
    m_signature = signature;
    refresh();
}

void ChatSources::refresh() {
    m_isStale = true;
    if (!m_isActive)
        return;
    m_isStale = false;
    std::vector<std::string> runs;
    for (const RunRecord& run : m_studio.runs().runs())
        runs.push_back(run.id);
    m_task = runInBackground(
        this,
        [workshop = m_studio.workshop(), runs](const std::stop_token& stop) {
            Found found;
            found.models = listModels(workshop->folder());
            try {
                const RunStore store(workshop->folder(), StoreAccess::ReadOnly);
                for (const std::string& run : runs) {
                    if (stop.stop_requested())
                        break;
                    found.checkpoints.insert(QString::fromStdString(run), store.checkpoints(run));
                }
            } catch (const Error&) {
                // RunFeed tells what is wrong with the database; the models can be offered all the same.
                found.hasRuns = false;
            }
            return found;
        },
        [this](const Found& found) { take(found); },
        [this](const Failure&) {
            m_isStale = true;
            m_isLoaded = true;
            emit changed();
        });
}

void ChatSources::take(const Found& found) {
    m_isStale = !found.hasRuns;
    std::vector<ChatRun> runs;
    for (const RunRecord& record : m_studio.runs().runs()) {
        ChatRun run{QString::fromStdString(record.id), QString::fromStdString(record.name), record.model,
                    record.created};
        std::vector<CheckpointRecord> checkpoints = found.checkpoints.value(run.id);
        const bool endsBest = std::ranges::any_of(checkpoints, [&](const CheckpointRecord& checkpoint) {
            return checkpoint.isBest && checkpoint.step == record.steps;
        });
        if (record.adapter)
            run.points.push_back({std::nullopt, record.steps, *record.adapter, endsBest});
        std::reverse(checkpoints.begin(), checkpoints.end());
        for (const CheckpointRecord& checkpoint : checkpoints)
            if (!record.adapter || checkpoint.step != record.steps)
                run.points.push_back({checkpoint.step, checkpoint.step, checkpoint.path, checkpoint.isBest});
        if (!run.points.empty())
            runs.push_back(std::move(run));
    }
    const bool isLoaded = m_studio.runs().isLoaded() || m_studio.runs().problem() || !found.hasRuns;
    if (isLoaded == m_isLoaded && found.models == m_models && runs == m_runs)
        return;
    m_isLoaded = isLoaded;
    m_models = found.models;
    m_runs = std::move(runs);
    emit changed();
}

bool ChatSources::isTraining() const {
    const std::vector<RunRecord>& runs = m_studio.runs().runs();
    return m_studio.training().isActive() ||
           std::ranges::any_of(runs, [](const RunRecord& run) { return run.state == RunState::Running; });
}

const ChatRun* ChatSources::run(const QString& id) const {
    const auto at = std::find_if(m_runs.begin(), m_runs.end(), [&](const ChatRun& run) { return run.id == id; });
    return at == m_runs.end() ? nullptr : &*at;
}

const ChatRun* ChatSources::newestRun(const std::string& model) const {
    for (const ChatRun& run : m_runs)
        if (model.empty() || modelName(run.model) == modelName(model))
            return &run;
    return nullptr;
}

QString ChatSources::modelName(const std::string& model) const {
    for (const LibraryModel& known : m_models)
        if (known.name == model || known.path == model)
            return QString::fromStdString(known.name);
    const QString name = QString::fromStdString(std::filesystem::path(model).filename().string());
    return name.isEmpty() ? QString::fromStdString(model) : name;
}

QString ChatSources::shortLabel(const ChatSide& side) const {
    if (!side.adapter)
        return tr("Base");
    const RunRecord* record = side.run ? m_studio.runs().find(QString::fromStdString(*side.run)) : nullptr;
    return record ? QString::fromStdString(record->name)
                  : QString::fromStdString(std::filesystem::path(*side.adapter).filename().string());
}

QString ChatSources::label(const ChatSide& side) const {
    if (!side.adapter)
        return tr("Base %1").arg(modelName(side.model));
    std::optional<int64_t> step = side.step;
    const RunRecord* record = side.run ? m_studio.runs().find(QString::fromStdString(*side.run)) : nullptr;
    if (!step && record && record->adapter) // else the run goes on, and is not where it was when it saved
        step = record->steps;
    return step ? tr("%1, step %2").arg(shortLabel(side)).arg(*step) : shortLabel(side);
}

ChatSide ChatSources::sideOf(const std::string& model) const {
    return {.model = model};
}

ChatSide ChatSources::sideOf(const ChatRun& run, const ChatRun::Point& point) const {
    return {.model = run.model, .adapter = point.adapter, .run = run.id.toStdString(), .step = point.step};
}

} // namespace lorikeet::ui
