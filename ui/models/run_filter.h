// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>

#include <optional>

#include "core/runs/run_record.h"

namespace lorikeet::ui {

/// The rows of a RunTableModel whose name, model or dataset holds a text, and that are in a state.
class RunFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunFilter(QObject* parent = nullptr);

    void setText(const QString& text);
    /// Nothing: all states.
    void setState(std::optional<RunState> state);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QString m_text;
    std::optional<RunState> m_state;
};

} // namespace lorikeet::ui
