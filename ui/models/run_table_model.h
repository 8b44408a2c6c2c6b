// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QDate>
#include <QHash>

#include <limits>
#include <vector>

#include "core/runs/run_record.h"

namespace lorikeet::ui {

class RunFeed;

/// The runs as a table, the newest first, following a RunFeed. Cells give text (DisplayRole), a value to sort by
/// (SortRole) and the run's id (IdRole); the loss cell gives its curve (CurveRole). Names can be edited.
class RunTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, State, Model, Dataset, Method, Loss, BestEvaluation, Time, Started, kColumns };
    enum Role { SortRole = Qt::UserRole, IdRole, StateRole, CurveRole /* QList<QPointF> */ };

    explicit RunTableModel(RunFeed& feed, QObject* parent = nullptr);

    /// Shows only the newest ones.
    void setLimit(int rows);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

    const RunRecord& run(int row) const { return m_runs[size_t(row)]; }

private:
    void take(const std::vector<RunRecord>& runs);
    void replace(int row, const RunRecord& run);
    QVariant text(const RunRecord& run, int column) const;
    QVariant sortValue(const RunRecord& run, int column) const;

    RunFeed& m_feed;
    size_t m_limit = std::numeric_limits<size_t>::max();
    std::vector<RunRecord> m_runs;
    QStringList m_queue;
    QDate m_today = QDate::currentDate();
    mutable QHash<QString, QString> m_methods; ///< by id: reading a configuration takes time
};

} // namespace lorikeet::ui
