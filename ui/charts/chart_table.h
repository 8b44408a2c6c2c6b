// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <span>
#include <vector>

#include "ui/charts/chart_axis.h"

namespace lorikeet::ui {

/// What a chart shows, in numbers: exact ones, a row for each x. NaN is an empty cell.
struct ChartTable {
    struct Column {
        QString name;
        AxisKind kind = AxisKind::Number;
        std::vector<double> values;
        QStringList texts = {}; ///< what stands there instead, one for each value, where it is no number
    };
    std::vector<Column> columns; ///< of equal length; the first is x

    qsizetype rows() const { return columns.empty() ? 0 : qsizetype(columns.front().values.size()); }
};

/// A named list of points in ascending x, for tableOf().
struct NamedPoints {
    QString name;
    std::span<const QPointF> points;
};

/// A column for x, which holds each x that occurs once, and one for each list.
ChartTable tableOf(const QString& xName, AxisKind xKind, AxisKind yKind, const std::vector<NamedPoints>& lists);

/// A chart's table as a model. Rows that come to its end keep selection and place.
class ChartTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;

    void setTable(ChartTable table);
    const ChartTable& table() const { return m_table; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    ChartTable m_table;
};

} // namespace lorikeet::ui
