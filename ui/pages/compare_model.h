// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include "ui/charts/line_style.h"
#include "ui/pages/comparison.h"

namespace lorikeet::ui {

/// The head of a column: a run and the line that stands for it.
struct ComparedHead {
    QString title;
    LineStyle style;
};

enum ComparisonRole {
    NoteRole = Qt::UserRole, ///< QString beside the text, in small
    DiffersRole,             ///< bool
    SectionRole,             ///< bool: a row that only parts others
    FooterRole,              ///< QString below the text, in small
    ProblemRole,             ///< bool: the text says what went wrong
    StyleRole,               ///< of a column's head: LineStyle
};

/// Settings and results as a table, a column for each run.
class ComparisonModel : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;

    void setHeads(std::vector<ComparedHead> heads);
    /// Rows with as many cells as there are heads.
    void setRows(std::vector<ComparisonRow> rows);
    const std::vector<ComparisonRow>& rows() const { return m_rows; }
    const std::vector<ComparedHead>& heads() const { return m_heads; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<ComparedHead> m_heads;
    std::vector<ComparisonRow> m_rows;
};

} // namespace lorikeet::ui

Q_DECLARE_METATYPE(lorikeet::ui::LineStyle)
