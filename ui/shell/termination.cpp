// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/termination.h"

#include <QSocketNotifier>

#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

#include "ui/shell/main_window.h"

namespace lorikeet::ui {
namespace {

int g_sockets[2];

/// A signal handler may do next to nothing: it writes a byte that the event loop reads.
void onSignal(int) {
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = write(g_sockets[1], &byte, 1);
}

} // namespace

void closeOnSignals(MainWindow& window) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, g_sockets) != 0)
        return;
    auto* notifier = new QSocketNotifier(g_sockets[0], QSocketNotifier::Read, &window);
    QObject::connect(notifier, &QSocketNotifier::activated, &window, [&window, notifier] {
        notifier->setEnabled(false);
        window.saveAndClose();
    });
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

} // namespace lorikeet::ui
