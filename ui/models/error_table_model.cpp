// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/error_table_model.h"

#include <QLocale>

#include <algorithm>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {

QString quantizationTitle(QuantType type) {
    const std::string_view name = quantTypeName(type);
    return QString::fromUtf8(name.data(), qsizetype(name.size())).toUpper();
}

void ErrorTableModel::setStudy(const ErrorStudy& study) {
    beginResetModel();
    m_study = study;
    m_types.clear();
    m_blocksizes.clear();
    for (const StudiedQuantization& row : m_study.rows) {
        if (std::find(m_types.begin(), m_types.end(), row.spec.type) == m_types.end())
            m_types.push_back(row.spec.type);
        if (std::find(m_blocksizes.begin(), m_blocksizes.end(), row.spec.blocksize) == m_blocksizes.end())
            m_blocksizes.push_back(row.spec.blocksize);
    }
    endResetModel();
}

int ErrorTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_types.size());
}

int ErrorTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || m_types.empty() ? 0 : 1 + int(m_blocksizes.size());
}

const StudiedQuantization* ErrorTableModel::cell(const QModelIndex& index) const {
    for (const StudiedQuantization& row : m_study.rows)
        if (row.spec.type == m_types[size_t(index.row())] &&
            row.spec.blocksize == m_blocksizes[size_t(index.column() - 1)])
            return &row;
    return nullptr;
}

QVariant ErrorTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (index.column() == 0 ? Qt::AlignLeft : Qt::AlignRight));
    if (index.column() == 0)
        return role == Qt::DisplayRole ? QVariant(quantizationTitle(m_types[size_t(index.row())])) : QVariant();
    const StudiedQuantization* found = cell(index);
    if (!found)
        return {};
    const QString bits = QLocale().toString(found->bitsPerParameter, 'f', 2);
    switch (role) {
    case Qt::DisplayRole:
        return tr("%1 %").arg(QLocale().toString(100.0 * found->relativeError, 'f', 2));
    case Qt::ToolTipRole:
        return tr("%1 bits a weight, root mean square error %2, mean absolute error %3")
            .arg(bits, formatSetting(found->rootMeanSquare), formatSetting(found->meanAbsolute));
    case Qt::AccessibleTextRole:
        if (found->spec.blocksize == kChosenBlocksize)
            return tr("%1 with the best blocks of each layer: %2 percent, %3 bits a weight")
                .arg(quantizationTitle(found->spec.type), QLocale().toString(100.0 * found->relativeError, 'f', 2),
                     bits);
        return tr("%1 with blocks of %2: %3 percent, %4 bits a weight")
            .arg(quantizationTitle(found->spec.type), QString::number(found->spec.blocksize),
                 QLocale().toString(100.0 * found->relativeError, 'f', 2), bits);
    case BitsRole:
        return found->bitsPerParameter;
    default:
        return {};
    }
}

QVariant ErrorTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (section == 0 ? Qt::AlignLeft : Qt::AlignRight));
    const bool isChosen = section > 0 && m_blocksizes[size_t(section - 1)] == kChosenBlocksize;
    if (role == Qt::ToolTipRole && isChosen)
        return tr("Each layer in blocks of the size with which all layers lose least, in the bits of blocks of 64");
    if (role != Qt::DisplayRole)
        return {};
    if (isChosen)
        return tr("Automatic");
    return section == 0 ? tr("Type") : tr("Block %1").arg(m_blocksizes[size_t(section - 1)]);
}

} // namespace lorikeet::ui
