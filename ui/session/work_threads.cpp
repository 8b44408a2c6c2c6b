// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/work_threads.h"

#include <utility>

#include <pthread.h>

namespace lorikeet::ui {

WorkThreads::WorkThreads(std::string name, int most) : m_name(std::move(name)), m_most(most) {}

WorkThreads::~WorkThreads() {
    finish();
}

void WorkThreads::post(Work work) {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(std::move(work));
    begin();
}

void WorkThreads::setAlarm(std::chrono::milliseconds after, Work work) {
    std::optional<Alarm> alarm = Alarm{Clock::now() + after, std::move(work)};
    const std::lock_guard lock(m_mutex);
    m_alarm.swap(alarm); // the earlier one goes when the lock is free again
    begin();
}

void WorkThreads::cancelAlarm() {
    std::optional<Alarm> alarm;
    const std::lock_guard lock(m_mutex);
    m_alarm.swap(alarm);
}

void WorkThreads::begin() {
    const bool isAnyoneFree = m_waiting.empty() ? !m_threads.empty() : int(m_waiting.size()) <= m_idle;
    if (!isAnyoneFree && int(m_threads.size()) < m_most && !m_isEnding)
        m_threads.emplace_back([this] { run(); });
    m_arrived.notify_one();
}

void WorkThreads::finish() {
    std::optional<Alarm> alarm;
    std::unique_lock lock(m_mutex);
    m_isEnding = true;
    m_alarm.swap(alarm);
    while (!m_threads.empty()) {
        std::vector<std::jthread> threads = std::exchange(m_threads, {});
        lock.unlock();
        m_arrived.notify_all();
        threads.clear(); // joins
        lock.lock();
        if (!m_waiting.empty()) // asked for by somebody else after the last of them looked
            m_threads.emplace_back([this] { run(); });
    }
    m_isEnding = false;
}

void WorkThreads::run() {
    pthread_setname_np(pthread_self(), m_name.c_str());
    while (std::optional<Work> work = next())
        (*work)();
}

std::optional<WorkThreads::Work> WorkThreads::next() {
    std::unique_lock lock(m_mutex);
    while (true) {
        if (m_alarm && !m_isEnding && Clock::now() >= m_alarm->when) {
            Work work = std::move(m_alarm->work);
            m_alarm.reset();
            return work;
        }
        if (!m_waiting.empty()) {
            Work work = std::move(m_waiting.front());
            m_waiting.pop_front();
            return work;
        }
        if (m_isEnding)
            return std::nullopt;
        ++m_idle;
        if (m_alarm) {
            const Clock::time_point when = m_alarm->when; // the alarm may be another one before the time is over
            m_arrived.wait_until(lock, when);
        } else {
            m_arrived.wait(lock);
        }
        --m_idle;
    }
}

} // namespace lorikeet::ui
