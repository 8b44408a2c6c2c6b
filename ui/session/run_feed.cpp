// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_feed.h"

#include <algorithm>

#include "core/runs/run_store.h"
#include "ui/session/run_feed_worker.h"

namespace lorikeet::ui {

RunFeed::RunFeed(DataFolder folder, QObject* parent)
    : QObject(parent), m_worker(std::make_unique<RunFeedWorker>(std::move(folder), *this)) {}

RunFeed::~RunFeed() = default;

void RunFeed::take(const std::vector<RunRecord>& runs, const QStringList& queue,
                   const QHash<QString, std::vector<LossPoint>>& previews) {
    m_runs = runs;
    m_queue = queue;
    m_previews = previews;
    m_isLoaded = true;
    if (m_problem) {
        m_problem.reset();
        emit problemChanged();
    }
    emit changed();
}

void RunFeed::take(const Failure& why) {
    m_problem = why;
    emit problemChanged();
}

const RunRecord* RunFeed::find(const QString& id) const {
    const std::string wanted = id.toStdString();
    const auto at = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunRecord& run) { return run.id == wanted; });
    return at == m_runs.end() ? nullptr : &*at;
}

void RunFeed::refresh() {
    m_worker->refresh();
}

void RunFeed::rename(const QString& id, const QString& name) {
    m_worker->write([id = id.toStdString(), name = name.toStdString()](RunStore& store) { store.rename(id, name); });
}

void RunFeed::setDeleted(const QString& id, bool deleted) {
    m_worker->write([id = id.toStdString(), deleted](RunStore& store) { store.setDeleted(id, deleted); });
}

void RunFeed::enqueueNew(const NewRun& run) {
    m_worker->write([run](RunStore& store) { store.createQueued(run); });
}

void RunFeed::enqueue(const QString& id) {
    m_worker->write([id = id.toStdString()](RunStore& store) { store.enqueue(id); });
}

void RunFeed::dequeue(const QString& id) {
    m_worker->write([id = id.toStdString()](RunStore& store) { store.dequeue(id); });
}

void RunFeed::moveInQueue(const QString& id, int place) {
    m_worker->write([id = id.toStdString(), place](RunStore& store) { store.moveInQueue(id, place); });
}

void RunFeed::whenWritten(const Mailbox::Address& to, std::function<void()> letter) {
    m_worker->whenWritten(to, std::move(letter));
}

void RunFeed::follow(const QString& run) {
    ++m_followers[run];
    // Also where somebody follows it already: whoever is new needs its whole history.
    m_worker->follow(run);
}

void RunFeed::unfollow(const QString& run) {
    if (--m_followers[run] > 0)
        return;
    m_followers.remove(run);
    m_worker->unfollow(run);
}

RunFollower::RunFollower(RunFeed& feed, const QString& run, QObject* parent)
    : QObject(parent), m_feed(feed), m_run(run) {
    connect(&m_feed, &RunFeed::updated, this,
            [this](const QString& id, const std::shared_ptr<const RunUpdate>& update) {
                if (id == m_run)
                    take(*update);
            });
    m_feed.follow(m_run);
}

RunFollower::~RunFollower() {
    m_feed.unfollow(m_run);
}

void RunFollower::take(const RunUpdate& update) {
    const RunHistory& news = update.news;
    if (update.startsAnew) {
        m_history.metrics.clear();
        m_history.memory.clear();
    }
    const auto append = [](auto& known, const auto& added) {
        // A second follower of the run makes the worker tell everything again.
        const auto lastStep = known.empty() ? -1 : known.back().step;
        std::copy_if(added.begin(), added.end(), std::back_inserter(known),
                     [lastStep](const auto& item) { return item.step > lastStep; });
    };
    append(m_history.metrics, news.metrics);
    append(m_history.memory, news.memory);
    m_history.record = news.record;
    m_history.evaluations = news.evaluations;
    m_history.samples = news.samples;
    m_history.checkpoints = news.checkpoints;
    m_history.warnings = news.warnings;
    m_isLoaded = true;
    emit updated(update);
}

} // namespace lorikeet::ui
