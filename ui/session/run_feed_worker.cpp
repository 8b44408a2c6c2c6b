// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_feed_worker.h"

#include "core/runs/run_store.h"
#include "ui/session/run_feed.h"

namespace lorikeet::ui {
namespace {

constexpr auto kLookInterval = std::chrono::milliseconds(150);
constexpr auto kLookIntervalAfterFailure = 8 * kLookInterval;
// What a killed process leaves does not count as a change: so look all the same after this many.
constexpr int kQuietLooks = 14;
constexpr auto kPurgeAge = std::chrono::hours(24);

} // namespace

RunFeedWorker::RunFeedWorker(DataFolder folder, RunFeed& feed)
    : m_folder(std::move(folder)), m_feed(feed), m_address(feed.m_mailbox.address()) {
    m_thread.post([this] { begin(); });
}

RunFeedWorker::~RunFeedWorker() = default;

void RunFeedWorker::refresh() {
    m_thread.post([this] { look(); });
}

void RunFeedWorker::follow(const QString& run) {
    m_thread.post([this, id = run.toStdString()] {
        // All of it is told again, to those too that follow it already.
        m_followed[id] = {.startsAnew = m_followed.contains(id)};
        try {
            update(id);
        } catch (...) {
            tell([why = currentFailure()](RunFeed& feed) { feed.take(why); });
        }
    });
}

void RunFeedWorker::unfollow(const QString& run) {
    m_thread.post([this, id = run.toStdString()] { m_followed.erase(id); });
}

void RunFeedWorker::write(Change change) {
    m_thread.post([this, change = std::move(change)] { make(change); });
}

void RunFeedWorker::whenWritten(Mailbox::Address to, std::function<void()> letter) {
    m_thread.post([to = std::move(to), letter = std::move(letter)] { to.send(letter); });
}

template <typename Function>
void RunFeedWorker::tell(Function function) {
    m_address.send([&feed = m_feed, function = std::move(function)] { function(feed); });
}

RunStore& RunFeedWorker::store() {
    if (!m_store)
        m_store = std::make_unique<RunStore>(m_folder, RunStore::Access::ReadOnly);
    return *m_store;
}

void RunFeedWorker::begin() {
    // Opened for writing first, since a database of an older version has to be migrated before it can be read.
    std::error_code unreadable; // which looking tells of
    if (std::filesystem::exists(m_folder.database(), unreadable))
        make([](RunStore& store) { store.purgeDeleted(kPurgeAge); });
    else
        look();
}

void RunFeedWorker::look() {
    auto next = kLookInterval;
    try {
        lookForChanges();
    } catch (...) {
        m_store.reset();
        m_changeCount.reset();
        next = kLookIntervalAfterFailure;
        tell([why = currentFailure()](RunFeed& feed) { feed.take(why); });
    }
    m_thread.setAlarm(next, [this] { look(); });
}

void RunFeedWorker::lookForChanges() {
    const int64_t count = store().changeCount();
    if (m_changeCount == count && ++m_quietLooks < kQuietLooks)
        return;
    m_quietLooks = 0;
    m_changeCount = count;
    list();
    std::vector<std::string> followed; // an update may take a run out
    for (const auto& [run, known] : m_followed)
        followed.push_back(run);
    for (const std::string& run : followed)
        update(run);
}

void RunFeedWorker::list() {
    std::vector<RunRecord> runs = store().list();
    for (const RunRecord& run : runs) {
        const auto [steps, isNew] = m_previewSteps.try_emplace(run.id, -1);
        if (steps->second == run.steps)
            continue;
        steps->second = run.steps;
        m_previews[QString::fromStdString(run.id)] = store().lossPreview(run.id);
    }
    QStringList queue;
    for (const RunRecord& run : store().queue())
        queue.append(QString::fromStdString(run.id));
    tell([runs = std::move(runs), queue, previews = m_previews](RunFeed& feed) { feed.take(runs, queue, previews); });
}

void RunFeedWorker::update(const std::string& run) {
    Known& known = m_followed[run];
    auto update = std::make_shared<RunUpdate>();
    RunHistory& news = update->news;
    try {
        news.record = store().get(run);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::NotFound)
            throw;
        // It has been purged. Whoever shows it keeps what is known; the other runs can be read all the same.
        m_followed.erase(run);
        tell([why = currentFailure()](RunFeed& feed) { emit feed.refused(why); });
        return;
    }
    if (news.record.steps < known.step)
        known = {.startsAnew = true};
    update->startsAnew = known.startsAnew;
    news.metrics = store().metrics(run, known.step);
    news.memory = store().memory(run, known.memoryStep);
    news.evaluations = store().evaluations(run);
    news.samples = store().samples(run);
    news.checkpoints = store().checkpoints(run);
    news.warnings = store().warnings(run);
    if (!news.metrics.empty())
        known.step = news.metrics.back().step;
    if (!news.memory.empty())
        known.memoryStep = news.memory.back().step;
    known.startsAnew = false;
    tell([run, update = std::shared_ptr<const RunUpdate>(std::move(update))](RunFeed& feed) {
        emit feed.updated(QString::fromStdString(run), update);
    });
}

void RunFeedWorker::make(const Change& change) {
    try {
        if (!m_writer)
            m_writer = std::make_unique<RunStore>(m_folder, RunStore::Access::ReadWrite);
        change(*m_writer);
    } catch (...) {
        m_writer.reset();
        tell([why = currentFailure()](RunFeed& feed) { emit feed.refused(why); });
    }
    look();
}

} // namespace lorikeet::ui
