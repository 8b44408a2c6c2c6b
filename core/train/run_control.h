// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

namespace lorikeet {

/// What somebody asks of a run that goes on, from any thread. The run polls it before each micro-batch. Must outlive
/// the run.
class RunControl {
public:
    RunControl() = default;
    /// Stops, too, where `stop` does.
    explicit RunControl(std::stop_token stop) : m_forward(std::in_place, std::move(stop), [this] { this->stop(); }) {}
    RunControl(const RunControl&) = delete;
    RunControl& operator=(const RunControl&) = delete;

    /// The run ends, after it has saved a checkpoint and its adapter. Wins over a pause.
    void stop() {
        m_isStopped = true;
        m_interruption.request_stop();
    }
    /// The run ends, after it has saved a checkpoint: to be resumed later.
    void pause() { m_interruption.request_stop(); }
    /// The run saves a checkpoint after the step under way, and goes on.
    void saveNow() { m_isSaveWanted = true; }

    /// Requested by a stop as well as by a pause.
    std::stop_token interruption() const { return m_interruption.get_token(); }
    bool isInterrupted() const { return m_interruption.stop_requested(); }
    bool isPaused() const { return isInterrupted() && !m_isStopped; }
    /// Whether saveNow() has been called since this was asked last.
    bool takeSaveRequest() { return m_isSaveWanted.exchange(false); }

private:
    std::stop_source m_interruption;
    std::atomic<bool> m_isStopped = false;
    std::atomic<bool> m_isSaveWanted = false;
    std::optional<std::stop_callback<std::function<void()>>> m_forward; ///< last: it may call at once
};

} // namespace lorikeet
