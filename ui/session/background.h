// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <memory>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

#include "ui/session/failure.h"
#include "ui/session/mailbox.h"
#include "ui/session/work_threads.h"

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
/// not keep a quick look waiting. The end of the application waits for it.
WorkThreads& backgroundThreads();

/// Waits in the GUI thread, as a child of the context, for what a work in the background comes to; then it goes.
template <typename Result, typename Done, typename Failed>
class BackgroundReceiver : public QObject {
public:
    /// A value, or std::monostate where there is none; what was thrown instead.
    using Value = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
    using Outcome = std::variant<Value, Failure>;

    BackgroundReceiver(QObject* context, Done done, Failed failed, std::stop_token stop)
        : QObject(context), m_done(std::move(done)), m_failed(std::move(failed)), m_stop(std::move(stop)) {}

    const Mailbox::Address& address() const { return m_mailbox.address(); }

    /// Called where the work is done.
    template <typename Work>
    static Outcome outcomeOf(Work& work, const std::stop_token& stop) {
        try {
            if constexpr (std::is_void_v<Result>) {
                work(stop);
                return Outcome(std::in_place_index<0>);
            } else {
                return Outcome(std::in_place_index<0>, work(stop));
            }
        } catch (...) {
            return Outcome(std::in_place_index<1>, currentFailure());
        }
    }

    void take(Outcome& outcome) {
        deleteLater();
        if (m_stop.stop_requested())
            return;
        Done done = std::move(m_done); // the context, and this with it, may go in the call
        Failed failed = std::move(m_failed);
        if (const auto* failure = std::get_if<1>(&outcome)) {
            failed(*failure);
            return;
        }
        try {
            if constexpr (std::is_void_v<Result>)
                done();
            else
                done(std::get<0>(std::move(outcome)));
        } catch (...) {
            failed(currentFailure());
        }
    }

private:
    Done m_done;
    Failed m_failed;
    std::stop_token m_stop;
    Mailbox m_mailbox;
};

/// Calls work(stop_token) on another thread, then `done` with its result, or `failed` with what it threw, from the
/// event loop of the GUI thread, which calls this. Neither is called once the context is gone or the task has been
/// stopped. The work holds values and shared_ptr only: it may outlive whoever asked for it.
template <typename Work, typename Done, typename Failed>
[[nodiscard]] BackgroundTask runInBackground(QObject* context, Work work, Done done, Failed failed) {
    using Result = std::invoke_result_t<Work, std::stop_token>;
    using Receiver = BackgroundReceiver<Result, Done, Failed>;
    std::stop_source source;
    auto* receiver = new Receiver(context, std::move(done), std::move(failed), source.get_token());
    backgroundThreads().post(
        [work = std::move(work), stop = source.get_token(), receiver, address = receiver->address()]() mutable {
            auto outcome = std::make_shared<typename Receiver::Outcome>(Receiver::outcomeOf(work, stop));
            address.send([receiver, outcome = std::move(outcome)] { receiver->take(*outcome); });
        });
    return BackgroundTask(std::move(source));
}

} // namespace lorikeet::ui
