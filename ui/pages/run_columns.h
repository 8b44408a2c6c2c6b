// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lorikeet::ui {

class DataTable;

/// Gives a table over a RunTableModel, or a proxy of one, its column widths and its sparklines. The name takes what is
/// left. The table must have its model.
void setUpRunColumns(DataTable& table);

} // namespace lorikeet::ui
