// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QFutureWatcher>
#include <QObject>
#include <QtConcurrentRun>

#include <exception>
#include <stop_token>
#include <utility>

#include "ui/session/failure.h"

class QThreadPool;

namespace lorikeet::ui {

/// The right to stop what runs in the background; stops it when it goes or is replaced, since then nobody waits for
/// the result any more. Not for work that must come to its end.
class BackgroundTask {
public:
    BackgroundTask() : m_source(std::nostopstate) {}
    explicit BackgroundTask(std::stop_source source) : m_source(std::move(source)) {}
    ~BackgroundTask() { stop(); }
    BackgroundTask(BackgroundTask&& other) noexcept : m_source(std::exchange(other.m_source, noStop())) {}
    BackgroundTask& operator=(BackgroundTask&& other) noexcept {
        stop();
        m_source = std::exchange(other.m_source, noStop());
        return *this;
    }

    void stop() { m_source.request_stop(); }

private:
    static std::stop_source noStop() { return std::stop_source(std::nostopstate); }
    std::stop_source m_source;
};

/// Where the work is done: on more threads than there are cores, so that what takes a minute or waits for a file does
/// not keep a quick look waiting.
QThreadPool* backgroundPool();

/// Calls work(stop_token) on a thread of Qt's pool, then `done` with its result, or `failed` with what it threw, from
/// the event loop of the thread that calls this and that `context` lives in. Neither is called once the context is gone
/// or the task has been stopped. The work holds values and shared_ptr only: it may outlive whoever asked for it.
template <typename Work, typename Done, typename Failed>
[[nodiscard]] BackgroundTask runInBackground(QObject* context, Work work, Done done, Failed failed) {
    using Result = std::invoke_result_t<Work, std::stop_token>;
    std::stop_source source;
    // A watcher, unlike a continuation, may go at any moment, and never calls before this returns.
    auto* watcher = new QFutureWatcher<Result>(context);
    QObject::connect(
        watcher, &QFutureWatcherBase::finished, context,
        [watcher, done = std::move(done), failed = std::move(failed), stop = source.get_token()]() mutable {
            watcher->deleteLater();
            if (stop.stop_requested())
                return;
            try {
                QFuture<Result> future = watcher->future();
                if constexpr (std::is_void_v<Result>) {
                    future.waitForFinished();
                    done();
                } else {
                    auto result = future.takeResult();
                    done(std::move(result));
                }
            } catch (...) {
                failed(currentFailure());
            }
        });
    watcher->setFuture(QtConcurrent::run(backgroundPool(),
                                         [work = std::move(work), stop = source.get_token()] { return work(stop); }));
    return BackgroundTask(std::move(source));
}

} // namespace lorikeet::ui
