// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QHash>

#include <vector>

#include "core/jobs/dataset_library.h"

namespace lorikeet::ui {

/// The datasets of the library, in two lines each (the roles of TwoLineDelegate): name; rows, format, or what is wrong.
class DatasetListModel : public QAbstractListModel {
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;

    void setDatasets(std::vector<LibraryDataset> datasets);
    /// What has been found in a dataset's file: its format, where the entry leaves it open, and how many rows it has.
    void noteFound(const QString& name, RowFormat format, int64_t rows);
    const LibraryDataset* dataset(int row) const;
    /// -1 where none is called so.
    int rowOf(const QString& name) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QString secondLine(const LibraryDataset& dataset) const;

    std::vector<LibraryDataset> m_datasets;
    struct Found {
        RowFormat format = RowFormat::Auto;
        int64_t rows = -1;
    };
    QHash<QString, Found> m_found; ///< by name
};

} // namespace lorikeet::ui
