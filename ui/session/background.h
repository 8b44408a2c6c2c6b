// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QObject>
#include <QtConcurrentRun>

#include <exception>
#include <stop_token>
#include <utility>

#include "ui/session/failure.h"

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

/// Calls work(stop_token) on a thread of Qt's pool, then `done` with its result, or `failed` with what it threw, on the
/// thread of `context`. Neither is called once the context is gone or the task has been stopped. The work holds values
/// and shared_ptr only: it may outlive whoever asked for it.
template <typename Work, typename Done, typename Failed>
[[nodiscard]] BackgroundTask runInBackground(QObject* context, Work work, Done done, Failed failed) {
    std::stop_source source;
    const std::stop_token stop = source.get_token();
    QtConcurrent::run([work = std::move(work), stop] { return work(stop); })
        .then(context, [done = std::move(done), failed = std::move(failed),
                        stop](QFuture<std::invoke_result_t<Work, std::stop_token>> future) mutable {
            if (stop.stop_requested())
                return;
            try {
                if constexpr (std::is_void_v<std::invoke_result_t<Work, std::stop_token>>) {
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
    return BackgroundTask(std::move(source));
}

} // namespace lorikeet::ui
