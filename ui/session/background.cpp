// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/background.h"

#include <QThreadPool>

#include <algorithm>

namespace lorikeet::ui {
namespace {

constexpr int kLeastThreads = 8;

} // namespace

QThreadPool* backgroundPool() {
    static QThreadPool* const pool = [] {
        QThreadPool* global = QThreadPool::globalInstance(); // which the end of the program waits for
        global->setMaxThreadCount(std::max(kLeastThreads, global->maxThreadCount()));
        return global;
    }();
    return pool;
}

} // namespace lorikeet::ui
