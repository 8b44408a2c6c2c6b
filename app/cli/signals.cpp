// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/signals.h"

#include <csignal>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace lorikeet::cli {

std::stop_token stopOnSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    // A thread that waits may do anything; a signal handler may not. It lives as long as the process.
    static std::stop_source source;
    // A signal that came before the thread could run counts at once.
    const timespec noTime{};
    const bool hasCome = sigtimedwait(&signals, nullptr, &noTime) > 0;
    if (hasCome)
        source.request_stop();
    std::thread([signals, hasCome] {
        for (int count = hasCome ? 1 : 0;; ++count) {
            int received = 0;
            sigwait(&signals, &received);
            if (count > 0)
                _exit(130);
            source.request_stop();
        }
    }).detach();
    return source.get_token();
}

} // namespace lorikeet::cli
