// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_filter.h"

#include "ui/models/run_table_model.h"

namespace lorikeet::ui {

RunFilter::RunFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(RunTableModel::SortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setDynamicSortFilter(true);
}

void RunFilter::setText(const QString& text) {
    m_text = text.trimmed();
    invalidateFilter();
}

void RunFilter::setState(std::optional<RunState> state) {
    m_state = state;
    invalidateFilter();
}

bool RunFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QAbstractItemModel& source = *sourceModel();
    const auto cell = [&](int column) { return source.index(row, column, parent); };
    if (m_state && cell(0).data(RunTableModel::StateRole).toInt() != int(*m_state))
        return false;
    if (m_text.isEmpty())
        return true;
    for (const int column : {RunTableModel::Name, RunTableModel::Model, RunTableModel::Dataset, RunTableModel::Method})
        if (cell(column).data().toString().contains(m_text, Qt::CaseInsensitive))
            return true;
    return false;
}

} // namespace lorikeet::ui
