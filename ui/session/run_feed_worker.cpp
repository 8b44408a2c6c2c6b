// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_feed_worker.h"

#include "core/runs/run_store.h"

namespace lorikeet::ui {
namespace {

constexpr int kLookInterval = 150; // ms
// What a killed process leaves does not count as a change: so look all the same after this many.
constexpr int kQuietLooks = 14;
constexpr auto kPurgeAge = std::chrono::hours(24);

} // namespace

RunFeedWorker::RunFeedWorker(DataFolder folder) : m_folder(std::move(folder)) {}

RunFeedWorker::~RunFeedWorker() = default;

RunStore& RunFeedWorker::store() {
    if (!m_store)
        m_store = std::make_unique<RunStore>(m_folder, RunStore::Access::ReadOnly);
    return *m_store;
}

void RunFeedWorker::begin() {
    connect(&m_timer, &QTimer::timeout, this, &RunFeedWorker::look);
    m_timer.start(kLookInterval);
    // Opened for writing first, since a database of an older version has to be migrated before it can be read.
    if (std::filesystem::exists(m_folder.database()))
        write([](RunStore& store) { store.purgeDeleted(kPurgeAge); });
    else
        look();
}

void RunFeedWorker::look() {
    try {
        const int64_t count = store().changeCount();
        if (m_changeCount == count && ++m_quietLooks < kQuietLooks)
            return;
        m_quietLooks = 0;
        m_changeCount = count;
        list();
        for (const QString& run : m_followed.keys())
            update(run);
    } catch (...) {
        m_store.reset();
        m_changeCount.reset();
        m_timer.setInterval(kLookInterval * 8);
        emit failed(currentFailure());
        return;
    }
    m_timer.setInterval(kLookInterval);
}

void RunFeedWorker::list() {
    std::vector<RunRecord> runs = store().list();
    for (const RunRecord& run : runs) {
        const QString id = QString::fromStdString(run.id);
        if (m_previewSteps.value(id, -1) == run.steps)
            continue;
        m_previewSteps[id] = run.steps;
        m_previews[id] = store().lossPreview(run.id);
    }
    emit listed(runs, m_previews);
}

void RunFeedWorker::follow(const QString& run) {
    m_followed.insert(run, {});
    try {
        update(run);
    } catch (...) {
        emit failed(currentFailure());
    }
}

void RunFeedWorker::unfollow(const QString& run) {
    m_followed.remove(run);
}

void RunFeedWorker::update(const QString& run) {
    Known& known = m_followed[run];
    const std::string id = run.toStdString();
    auto update = std::make_shared<RunUpdate>();
    RunHistory& news = update->news;
    try {
        news.record = store().get(id);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::NotFound)
            throw;
        // It has been purged. Whoever shows it keeps what is known; the other runs can be read all the same.
        m_followed.remove(run);
        emit refused(currentFailure());
        return;
    }
    if (news.record.steps < known.step) {
        known = {};
        update->startsAnew = true;
    }
    news.metrics = store().metrics(id, known.step);
    news.memory = store().memory(id, known.memoryStep);
    news.evaluations = store().evaluations(id);
    news.samples = store().samples(id);
    news.checkpoints = store().checkpoints(id);
    news.warnings = store().warnings(id);
    if (!news.metrics.empty())
        known.step = news.metrics.back().step;
    if (!news.memory.empty())
        known.memoryStep = news.memory.back().step;
    emit updated(run, update);
}

void RunFeedWorker::write(const std::function<void(RunStore&)>& change) {
    try {
        if (!m_writer)
            m_writer = std::make_unique<RunStore>(m_folder, RunStore::Access::ReadWrite);
        change(*m_writer);
    } catch (...) {
        m_writer.reset();
        emit refused(currentFailure());
    }
    look();
}

} // namespace lorikeet::ui
