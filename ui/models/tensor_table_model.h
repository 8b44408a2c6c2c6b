// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <vector>

#include "core/jobs/model_library.h"

namespace lorikeet::ui {

/// The tensors of a model's files. SortRole gives numbers where they are numbers.
class TensorTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Type, TensorShape, Size, kColumns };
    enum Role { SortRole = Qt::UserRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setTensors(std::vector<TensorEntry> tensors);
    const TensorEntry& tensor(int row) const { return m_tensors[size_t(row)]; }
    /// The first matrix of a layer, else the first one; -1 where there is none.
    int firstMatrix() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<TensorEntry> m_tensors;
};

} // namespace lorikeet::ui
