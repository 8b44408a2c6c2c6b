// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lorikeet::ui {

class MainWindow;

/// From now on SIGTERM and SIGINT save what trains and close the window, without a question. Once in a process.
void closeOnSignals(MainWindow& window);

} // namespace lorikeet::ui
