// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QTableView>

namespace lorikeet::ui {

/// A table as all of the program's are: whole rows are selected, Return or a double click opens one, rows are as high
/// as a row of a list and lit as a whole under the mouse, no grid but hairlines.
class DataTable : public QTableView {
    Q_OBJECT
public:
    explicit DataTable(const QString& name, QWidget* parent = nullptr);

    /// Columns that give way, in this order, where the table is narrower than its columns.
    void setExpendableColumns(const QList<int>& columns);
    /// The column that takes what room is left.
    void setStretchColumn(int column);

signals:
    /// A row is to be opened.
    void opened(const QModelIndex& index);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void fitColumns();
    /// The row that is under the mouse.
    void setHoveredRow(int row);
    void updateRow(int row);

    QList<int> m_expendable;
    QHash<int, int> m_widths; ///< of columns that may be hidden
    int m_hoveredRow = -1;
};

} // namespace lorikeet::ui
