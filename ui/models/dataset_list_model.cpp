// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/dataset_list_model.h"

#include <QDir>

#include "ui/models/dataset_words.h"
#include "ui/widgets/format.h"
#include "ui/widgets/two_line_delegate.h"

namespace lorikeet::ui {

void DatasetListModel::setDatasets(std::vector<LibraryDataset> datasets) {
    beginResetModel();
    m_datasets = std::move(datasets);
    endResetModel();
}

void DatasetListModel::noteFound(const QString& name, RowFormat format, int64_t rows) {
    m_found.insert(name, {format, rows});
    if (const int row = rowOf(name); row >= 0)
        emit dataChanged(index(row), index(row), {TwoLineDelegate::kSecondLineRole});
}

const LibraryDataset* DatasetListModel::dataset(int row) const {
    return row >= 0 && row < int(m_datasets.size()) ? &m_datasets[size_t(row)] : nullptr;
}

int DatasetListModel::rowOf(const QString& name) const {
    for (size_t row = 0; row < m_datasets.size(); ++row)
        if (name == QString::fromStdString(m_datasets[row].name))
            return int(row);
    return -1;
}

int DatasetListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_datasets.size());
}

QString DatasetListModel::secondLine(const LibraryDataset& dataset) const {
    if (!dataset.problem.empty())
        return tr("Its entry cannot be read");
    if (!dataset.isThere)
        return tr("Its file is gone");
    const Found found = m_found.value(QString::fromStdString(dataset.name));
    const int64_t rows = found.rows >= 0 ? found.rows : dataset.rows.value_or(-1);
    QStringList parts(rows >= 0 ? rowsText(rows) : formatFileSize(dataset.bytes));
    const RowFormat format = dataset.data.format == RowFormat::Auto ? found.format : dataset.data.format;
    if (format != RowFormat::Auto)
        parts += formatTitle(format);
    if (dataset.isBuiltIn)
        parts += tr("built in");
    return parts.join(tr(", "));
}

QVariant DatasetListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const LibraryDataset& dataset = m_datasets[size_t(index.row())];
    const QString name = QString::fromStdString(dataset.name);
    switch (role) {
    case Qt::DisplayRole:
        return name;
    case Qt::ToolTipRole:
        return dataset.problem.empty() ? QDir::toNativeSeparators(QString::fromStdString(dataset.data.train))
                                       : QString::fromStdString(dataset.problem);
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1, %2").arg(name, secondLine(dataset));
    case TwoLineDelegate::kSecondLineRole:
        return secondLine(dataset);
    case TwoLineDelegate::kWarningRole:
        return !dataset.isThere || !dataset.problem.empty();
    default:
        return {};
    }
}

} // namespace lorikeet::ui
