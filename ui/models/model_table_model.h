// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <optional>
#include <vector>

#include "core/jobs/model_library.h"

namespace lorikeet::ui {

/// A model of the library with what its files say, where they have been looked at.
struct ModelEntry {
    LibraryModel model;
    std::optional<ModelInspection> facts = {};
    QString problem = {}; ///< why they cannot be read
};

/// "GGUF, Q4_1", "safetensors, BF16": the kind of the files, and the type that most bytes have.
QString modelFormat(const ModelInspection& facts);
/// What its files call its license; that it is unknown where they do not.
QString modelLicense(const ModelInspection& facts);

/// The library of models as a table.
class ModelTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Family, Parameters, Format, Size, License, kColumns };

    using QAbstractTableModel::QAbstractTableModel;

    void setEntries(std::vector<ModelEntry> entries);
    const ModelEntry* entry(int row) const;
    /// -1 where none is called so.
    int rowOf(const QString& name) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const ModelEntry& entry, int column) const;

    std::vector<ModelEntry> m_entries;
};

} // namespace lorikeet::ui
