// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_model.h"

namespace lorikeet::ui {

void ComparisonModel::setHeads(std::vector<ComparedHead> heads) {
    if (heads.size() == m_heads.size() && !heads.empty()) {
        m_heads = std::move(heads);
        emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
        return;
    }
    beginResetModel();
    m_rows.clear();
    m_heads = std::move(heads);
    endResetModel();
}

void ComparisonModel::setRows(std::vector<ComparisonRow> rows) {
    const bool hasSameShape = rows.size() == m_rows.size() && !rows.empty();
    if (!hasSameShape)
        beginResetModel();
    m_rows = std::move(rows);
    if (!hasSameShape) {
        endResetModel();
        return;
    }
    emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    emit headerDataChanged(Qt::Vertical, 0, rowCount() - 1);
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_heads.size());
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const ComparisonRow& row = m_rows[size_t(index.row())];
    const ComparisonCell& cell = row.cells[size_t(index.column())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return cell.text;
    case Qt::AccessibleTextRole:
        return cell.differs ? tr("%1, differs from the reference").arg(cell.text)
                            : QStringLiteral("%1 %2").arg(cell.text, cell.note).trimmed();
    case NoteRole:
        return cell.note;
    case DiffersRole:
        return cell.differs;
    case SectionRole:
        return row.kind == ComparisonRow::Kind::Section;
    default:
        return {};
    }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (section < 0 || section >= (orientation == Qt::Horizontal ? columnCount() : rowCount()))
        return {};
    if (orientation == Qt::Horizontal) {
        const ComparedHead& head = m_heads[size_t(section)];
        if (role == StyleRole)
            return QVariant::fromValue(head.style);
        return role == Qt::DisplayRole || role == Qt::ToolTipRole ? head.title : QVariant();
    }
    const ComparisonRow& row = m_rows[size_t(section)];
    if (role == SectionRole)
        return row.kind == ComparisonRow::Kind::Section;
    if (role == Qt::ToolTipRole)
        return row.key.isEmpty() ? row.title : row.key;
    return role == Qt::DisplayRole ? row.title : QVariant();
}

} // namespace lorikeet::ui
