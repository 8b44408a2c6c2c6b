// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/background.h"

#include <QCoreApplication>

#include <algorithm>

namespace lorikeet::ui {
namespace {

constexpr int kLeastThreads = 8;

} // namespace

WorkThreads& backgroundThreads() {
    // Never destroyed, but ended with the application: before what the work may still use.
    static auto* const threads = [] {
        qAddPostRoutine([] { backgroundThreads().finish(); });
        return new WorkThreads("background", std::max(kLeastThreads, int(std::thread::hardware_concurrency())));
    }();
    return *threads;
}

} // namespace lorikeet::ui
