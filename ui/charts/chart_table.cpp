// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_table.h"

#include <QPointF>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lorikeet::ui {
namespace {

constexpr double kEmpty = std::numeric_limits<double>::quiet_NaN();

/// Whether `table` is `known` with rows added to its end, as far as its shape tells.
bool continues(const ChartTable& table, const ChartTable& known) {
    if (table.columns.size() != known.columns.size() || known.rows() == 0 || table.rows() < known.rows())
        return false;
    for (size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].name != known.columns[i].name)
            return false;
    const auto& x = table.columns.front().values;
    const auto& knownX = known.columns.front().values;
    return std::equal(knownX.begin(), knownX.end(), x.begin());
}

} // namespace

ChartTable tableOf(const QString& xName, AxisKind xKind, AxisKind yKind, const std::vector<NamedPoints>& lists) {
    ChartTable table;
    table.columns.push_back({xName, xKind, {}});
    std::vector<double>& x = table.columns.front().values;
    for (const NamedPoints& list : lists) {
        std::vector<double> own, all;
        for (const QPointF& point : list.points)
            own.push_back(point.x());
        std::set_union(x.begin(), x.end(), own.begin(), own.end(), std::back_inserter(all));
        x = std::move(all);
    }
    std::vector<ChartTable::Column> columns;
    for (const NamedPoints& list : lists) {
        ChartTable::Column column{list.name, yKind, std::vector<double>(x.size(), kEmpty)};
        size_t row = 0;
        for (const QPointF& point : list.points) {
            while (x[row] < point.x())
                ++row;
            column.values[row] = point.y();
        }
        columns.push_back(std::move(column));
    }
    std::move(columns.begin(), columns.end(), std::back_inserter(table.columns));
    return table;
}

void ChartTableModel::setTable(ChartTable table) {
    const int known = rowCount(), columns = int(table.columns.size());
    if (!continues(table, m_table)) {
        beginResetModel();
        m_table = std::move(table);
        endResetModel();
        return;
    }
    const int rows = int(table.rows());
    if (rows > known) {
        beginInsertRows({}, known, rows - 1);
        m_table = std::move(table);
        endInsertRows();
    } else {
        m_table = std::move(table);
    }
    emit dataChanged(index(0, 0), index(known - 1, columns - 1));
}

int ChartTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_table.rows());
}

int ChartTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_table.columns.size());
}

QVariant ChartTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const ChartTable::Column& column = m_table.columns[size_t(index.column())];
    if (role == Qt::TextAlignmentRole)
        return int((column.texts.isEmpty() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (!column.texts.isEmpty())
        return column.texts[index.row()];
    const double value = column.values[size_t(index.row())];
    return std::isnan(value) ? QString() : formatAxisValue(value, column.kind);
}

QVariant ChartTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const ChartTable::Column& column = m_table.columns[size_t(section)];
    if (role == Qt::TextAlignmentRole)
        return int((column.texts.isEmpty() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return role == Qt::DisplayRole ? column.name : QVariant();
}

} // namespace lorikeet::ui
