// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include "core/jobs/weight_study.h"

namespace lorikeet::ui {

/// How a type of quantization is called where people read: "NF4".
QString quantizationTitle(QuantType type);

/// What each way to quantize costs: a row by type, a column by blocksize, the last perhaps
/// with one for each layer; a cell has the relative error, and for
/// BitsRole the bits a weight takes.
class ErrorTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { BitsRole = Qt::UserRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setStudy(const ErrorStudy& study);
    void clear() { setStudy({}); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    const StudiedQuantization* cell(const QModelIndex& index) const;

    ErrorStudy m_study;
    std::vector<QuantType> m_types;
    std::vector<int> m_blocksizes;
};

} // namespace lorikeet::ui
