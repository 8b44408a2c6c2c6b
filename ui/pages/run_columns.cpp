// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_columns.h"

#include <QHeaderView>

#include "ui/charts/sparkline.h"
#include "ui/models/run_table_model.h"
#include "ui/theme/scale.h"
#include "ui/widgets/data_table.h"

namespace lorikeet::ui {

void setUpRunColumns(DataTable& table) {
    table.setItemDelegateForColumn(RunTableModel::Loss, new SparklineDelegate(RunTableModel::CurveRole, &table));
    const QList<QPair<int, int>> widths = {{RunTableModel::State, 176},   {RunTableModel::Model, 168},
                                           {RunTableModel::Dataset, 132}, {RunTableModel::Method, 80},
                                           {RunTableModel::Loss, 104},    {RunTableModel::BestEvaluation, 76},
                                           {RunTableModel::Time, 112},    {RunTableModel::Started, 140}};
    for (const auto& [column, width] : widths)
        table.horizontalHeader()->resizeSection(column, scaled(width));
    table.setStretchColumn(RunTableModel::Name);
}

} // namespace lorikeet::ui
