// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lorikeet::ui {

/// Threads that do what they are asked, begun in the order of asking: on one thread, one after the other. A thread is
/// made when there is work that nobody is free for. Any thread may ask, and what it did before has happened for the
/// work. The work is destroyed where it was done; it holds values, and whatever outlives the threads.
class WorkThreads {
public:
    using Work = std::function<void()>;

    /// `name` is what a debugger shows, of at most 15 characters.
    explicit WorkThreads(std::string name, int most = 1);
    /// As finish().
    ~WorkThreads();

    /// The work throws nothing.
    void post(Work work);
    /// Has the work done once after a time in which no other alarm is set; instead of the alarm that was set before.
    void setAlarm(std::chrono::milliseconds after, Work work);
    void cancelAlarm();
    /// Blocks until all work is done that was asked for, and ends the threads, without the alarm. Who asks afterwards
    /// gets new ones.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    struct Alarm {
        Clock::time_point when;
        Work work;
    };

    /// Sees to it that somebody looks at what has been asked for. The mutex is held.
    void begin();
    void run();
    std::optional<Work> next();

    const std::string m_name;
    const int m_most;
    std::mutex m_mutex; ///< guards all below
    std::condition_variable m_arrived;
    std::deque<Work> m_waiting;
    std::optional<Alarm> m_alarm;
    int m_idle = 0; ///< threads that wait for work
    bool m_isEnding = false;
    std::vector<std::jthread> m_threads;
};

} // namespace lorikeet::ui
