// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_checking.h"

#include "core/base/error.h"

namespace lorikeet::ui {
namespace {

/// Whoever types is not done before so long after the last key.
constexpr auto kPause = std::chrono::milliseconds(250);

} // namespace

RunChecking::RunChecking(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)), m_thread([this](std::stop_token stop) { work(stop); }) {}

RunChecking::~RunChecking() {
    m_thread.request_stop();
    const std::lock_guard lock(m_mutex);
    m_reading.request_stop();
}

void RunChecking::check(const RunConfig& config) {
    ++m_serial;
    const std::lock_guard lock(m_mutex);
    m_wish = Wish{config, m_serial};
    m_reading.request_stop();
    m_arrived.notify_one();
}

std::optional<RunChecking::Wish> RunChecking::nextWish(std::stop_token stop,
                                                       std::optional<std::chrono::milliseconds> patience) {
    std::unique_lock lock(m_mutex);
    const auto isThere = [this] { return m_wish.has_value(); };
    if (patience)
        m_arrived.wait_for(lock, stop, *patience, isThere);
    else
        m_arrived.wait(lock, stop, isThere);
    m_reading = std::stop_source();
    if (stop.stop_requested())
        return std::nullopt;
    return std::exchange(m_wish, std::nullopt);
}

template <typename Tell>
void RunChecking::post(int serial, Tell tell) {
    m_mailbox.address().send([this, serial, tell = std::move(tell)] {
        if (serial == m_serial)
            tell();
    });
}

void RunChecking::read(RunChecker& checker, const Wish& wish) {
    std::stop_token stop;
    {
        const std::lock_guard lock(m_mutex);
        if (m_wish)
            return;
        stop = m_reading.get_token();
    }
    checker.prepare(
        wish.config,
        [&](const JobProgress& progress) {
            post(wish.serial, [this, progress] { emit reading(progress.stage, progress.fraction); });
        },
        stop);
}

void RunChecking::work(std::stop_token stop) {
    RunChecker checker(*m_workshop);
    while (std::optional<Wish> wish = nextWish(stop, std::nullopt)) {
        while (wish) {
            const Wish current = *std::exchange(wish, std::nullopt);
            try {
                const auto tell = [&] {
                    const auto run = std::make_shared<const CheckedRunConfig>(
                        CheckedRunConfig{current.config, checker.check(current.config)});
                    post(current.serial, [this, run] { emit checked(run); });
                    return run->check.isProvisional;
                };
                if (tell() && !(wish = nextWish(stop, kPause)) && !stop.stop_requested()) {
                    read(checker, current);
                    tell();
                }
            } catch (...) {
                const Failure failure = currentFailure();
                if (!failure.isCancelled())
                    post(current.serial, [this, failure] { emit failed(failure); });
            }
        }
    }
}

} // namespace lorikeet::ui
