// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tensor_table_model.h"

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

QString shapeText(const std::vector<int64_t>& shape) {
    QStringList parts;
    for (const int64_t size : shape)
        parts += QString::number(size);
    return parts.join(QStringLiteral(" × "));
}

} // namespace

void TensorTableModel::setTensors(std::vector<TensorEntry> tensors) {
    beginResetModel();
    m_tensors = std::move(tensors);
    endResetModel();
}

int TensorTableModel::firstMatrix() const {
    int first = -1;
    for (size_t row = 0; row < m_tensors.size(); ++row) {
        if (m_tensors[row].shape.size() != 2)
            continue;
        const std::string& name = m_tensors[row].name;
        if (name.find("layers.") != std::string::npos || name.find("blk.") != std::string::npos)
            return int(row);
        first = first < 0 ? int(row) : first;
    }
    return first;
}

int TensorTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_tensors.size());
}

int TensorTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(kColumns);
}

QVariant TensorTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const TensorEntry& tensor = m_tensors[size_t(index.row())];
    if (role == Qt::FontRole && (index.column() == Name || index.column() == TensorShape))
        return Theme::current().font(TextRole::Monospace);
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (index.column() == Size ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    switch (index.column()) {
    case Name:
        return QString::fromStdString(tensor.name);
    case Type:
        return QString::fromStdString(tensor.type);
    case TensorShape:
        return shapeText(tensor.shape);
    case Size:
        return role == SortRole ? QVariant(qlonglong(tensor.bytes)) : QVariant(formatFileSize(tensor.bytes));
    default:
        return {};
    }
}

QVariant TensorTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section == Size)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    static const char* const kTitles[] = {QT_TR_NOOP("Tensor"), QT_TR_NOOP("Type"), QT_TR_NOOP("Shape"),
                                          QT_TR_NOOP("Size")};
    return role == Qt::DisplayRole && section < kColumns ? tr(kTitles[section]) : QVariant();
}

} // namespace lorikeet::ui
