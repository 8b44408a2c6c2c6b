// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

class QLabel;

namespace lorikeet::ui {

/// A table of a ComparisonModel's kind that is as high as its rows: the labels stay, the runs share the rest of the
/// width, at least 200 each, else they scroll sideways. Ctrl+C copies a cell.
class CompareTable : public QTableView {
    Q_OBJECT
public:
    /// `corner` stands above the labels; without it there are no heads of columns.
    CompareTable(const QString& name, const QString& corner, QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;
    /// Of the whole table, without a scroll bar.
    int contentHeight() const;
    /// Rows as high as their wrapped texts.
    void setWrapsText();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fit();

    QLabel* m_corner;
    QWidget* m_cornerLine;
    bool m_wraps = false;
};

} // namespace lorikeet::ui
