// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <hwy/cache_control.h>

#include "core/base/error.h"
#include "core/base/processors.h"

namespace lorikeet {
namespace {

/// The gap between two operations is a few microseconds, waking a sleeping thread costs tens: so a thread that waits
/// first spins, then offers its core to others between looks, and only then sleeps.
constexpr std::chrono::microseconds kSpinTime{50};
constexpr std::chrono::microseconds kYieldTime{1000};

/// Returns true as soon as `done()` holds, false when it is time to sleep.
template <typename Done>
bool waitAwake(const Done& done) {
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
        for (int look = 0; look < 32; ++look) {
            if (done())
                return true;
            hwy::Pause();
        }
        const auto waited = std::chrono::steady_clock::now() - start;
        if (waited > kYieldTime)
            return false;
        if (waited > kSpinTime)
            std::this_thread::yield();
    }
}

/// One call of parallelFor; lives on its caller's stack.
struct Loop {
    int64_t tiles;
    FunctionRef<void(int64_t)> body;
    std::atomic<int64_t> nextTile = 0;
    /// Pool threads inside. Raised while the loop is open; lowering it is a thread's last touch.
    std::atomic<int> visitors = 0;
    std::mutex failureMutex{};
    std::exception_ptr failure{};

    /// False where no tile was left. After a failure none is.
    bool runTile() {
        const int64_t tile = nextTile.fetch_add(1, std::memory_order_relaxed);
        if (tile >= tiles)
            return false;
        try {
            body(tile);
        } catch (...) {
            nextTile.store(tiles, std::memory_order_relaxed);
            const std::lock_guard lock(failureMutex);
            if (!failure)
                failure = std::current_exception();
        }
        return true;
    }
};

} // namespace

struct ThreadPool::State {
    std::mutex mutex;
    std::condition_variable workArrived;
    std::condition_variable visitorLeft;
    std::vector<Loop*> loops;       ///< those with tiles to hand out, in the order of their next turn
    std::atomic<int> openLoops = 0; ///< loops.size(), to look at without the mutex
    std::atomic<bool> stopping = false;
    int sleepingThreads = 0;
    int sleepingCallers = 0;
    std::vector<std::thread> threads;

    void serve();
    void visit(Loop& loop);
    void open(Loop& loop);
    void close(Loop& loop);
    void waitForVisitors(Loop& loop);
    void stop();
};

/// Needs the mutex. Wakes the threads that sleep.
void ThreadPool::State::open(Loop& loop) {
    loops.push_back(&loop);
    openLoops.store(int(loops.size()), std::memory_order_release);
    if (sleepingThreads > 0)
        workArrived.notify_all();
}

/// Needs the mutex. Closing twice is fine.
void ThreadPool::State::close(Loop& loop) {
    std::erase(loops, &loop);
    openLoops.store(int(loops.size()), std::memory_order_release);
}

/// Computes tiles of `loop` until none is left or another loop wants its turn. Needs the mutex, gives it up meanwhile.
void ThreadPool::State::visit(Loop& loop) {
    std::rotate(loops.begin(), std::find(loops.begin(), loops.end(), &loop) + 1, loops.end());
    loop.visitors.fetch_add(1, std::memory_order_relaxed);
    mutex.unlock();
    bool more = true;
    do
        more = loop.runTile();
    while (more && openLoops.load(std::memory_order_relaxed) == 1);
    mutex.lock();
    if (!more)
        close(loop);
    loop.visitors.fetch_sub(1, std::memory_order_release);
    if (sleepingCallers > 0)
        visitorLeft.notify_all();
}

void ThreadPool::State::serve() {
    const auto wanted = [this] {
        return openLoops.load(std::memory_order_acquire) > 0 || stopping.load(std::memory_order_relaxed);
    };
    std::unique_lock lock(mutex);
    while (!stopping.load(std::memory_order_relaxed)) {
        if (!loops.empty()) {
            visit(*loops.front());
            continue;
        }
        lock.unlock();
        const bool awake = waitAwake(wanted);
        lock.lock();
        if (!awake) {
            ++sleepingThreads;
            workArrived.wait(lock, wanted);
            --sleepingThreads;
        }
    }
}

void ThreadPool::State::waitForVisitors(Loop& loop) {
    const auto alone = [&loop] { return loop.visitors.load(std::memory_order_acquire) == 0; };
    if (waitAwake(alone))
        return;
    std::unique_lock lock(mutex);
    ++sleepingCallers;
    visitorLeft.wait(lock, alone);
    --sleepingCallers;
}

void ThreadPool::State::stop() {
    {
        const std::lock_guard lock(mutex);
        stopping = true;
        workArrived.notify_all();
    }
    for (std::thread& thread : threads)
        thread.join();
}

ThreadPool::ThreadPool(int threads) : m_state(std::make_unique<State>()) {
    if (threads < 0)
        fail(ErrorCode::InvalidArgument, "thread pool: {} threads", threads);
    const int wanted = threads > 0 ? threads : usableProcessors();
    try {
        for (int i = 1; i < wanted; ++i)
            m_state->threads.emplace_back([state = m_state.get()] { state->serve(); });
    } catch (const std::system_error& error) {
        m_state->stop();
        fail(ErrorCode::OutOfMemory, "thread pool: cannot start {} threads: {}", wanted, error.what());
    }
}

ThreadPool::~ThreadPool() {
    m_state->stop();
}

int ThreadPool::threads() const {
    return int(m_state->threads.size()) + 1;
}

void ThreadPool::parallelFor(int64_t tiles, FunctionRef<void(int64_t tile)> body) {
    if (tiles <= 1 || m_state->threads.empty()) {
        for (int64_t tile = 0; tile < tiles; ++tile)
            body(tile);
        return;
    }
    Loop loop{.tiles = tiles, .body = body};
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->open(loop);
    }
    while (loop.runTile()) {
    }
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->close(loop);
    }
    m_state->waitForVisitors(loop);
    if (loop.failure)
        std::rethrow_exception(loop.failure);
}

} // namespace lorikeet
