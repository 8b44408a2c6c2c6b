// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/data_table.h"

#include <QHeaderView>
#include <QKeyEvent>

namespace lorikeet::ui {
namespace {

constexpr int kRowHeight = 40;

} // namespace

DataTable::DataTable(const QString& name, QWidget* parent) : QTableView(parent) {
    setAccessibleName(name);
    setShowGrid(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::EditKeyPressed);
    setTabKeyNavigation(false);
    setWordWrap(false);
    setMouseTracking(true);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(std::max(kRowHeight, fontMetrics().height() * 2));
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setHighlightSections(false);
    connect(this, &QTableView::doubleClicked, this, &DataTable::opened);
}

void DataTable::setExpendableColumns(const QList<int>& columns) {
    m_expendable = columns;
    fitColumns();
}

void DataTable::setStretchColumn(int column) {
    horizontalHeader()->setSectionResizeMode(column, QHeaderView::Stretch);
}

void DataTable::keyPressEvent(QKeyEvent* event) {
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid() &&
        state() != QAbstractItemView::EditingState) {
        emit opened(currentIndex());
        return;
    }
    QTableView::keyPressEvent(event);
}

void DataTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    fitColumns();
}

void DataTable::fitColumns() {
    constexpr int kLeastStretched = 100;
    if (!model())
        return;
    const auto widthOf = [this](int column) {
        if (horizontalHeader()->sectionResizeMode(column) == QHeaderView::Stretch)
            return kLeastStretched;
        const int width = columnWidth(column); // 0 while it is hidden
        if (width > 0)
            m_widths[column] = width;
        return m_widths.value(column);
    };
    int needed = 0;
    for (int column = 0; column < model()->columnCount(); ++column)
        if (!isColumnHidden(column) || m_expendable.contains(column))
            needed += widthOf(column);
    for (const int column : qAsConst(m_expendable)) {
        const bool hides = needed > viewport()->width();
        if (hides)
            needed -= widthOf(column);
        setColumnHidden(column, hides);
    }
}

} // namespace lorikeet::ui
