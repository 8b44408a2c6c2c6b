// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/data_table.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>

#include <utility>

#include "ui/theme/theme.h"

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

bool DataTable::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::HoverMove)
        setHoveredRow(rowAt(static_cast<QSinglePointEvent*>(event)->position().toPoint().y()));
    else if (event->type() == QEvent::Leave || event->type() == QEvent::Hide)
        setHoveredRow(-1);
    return QTableView::viewportEvent(event);
}

void DataTable::scrollContentsBy(int dx, int dy) {
    QTableView::scrollContentsBy(dx, dy);
    if (m_hoveredRow >= 0) // another one has come under the mouse
        setHoveredRow(rowAt(viewport()->mapFromGlobal(QCursor::pos()).y()));
}

void DataTable::setHoveredRow(int row) {
    if (row == m_hoveredRow)
        return;
    updateRow(std::exchange(m_hoveredRow, row));
    updateRow(row);
}

void DataTable::updateRow(int row) {
    if (row >= 0)
        viewport()->update(0, rowViewportPosition(row), viewport()->width(), rowHeight(row));
}

void DataTable::paintEvent(QPaintEvent* event) {
    // Below the cells, which have no ground of their own unless they are selected. The style sheet would light one
    // cell.
    if (model() && m_hoveredRow >= 0 && m_hoveredRow < model()->rowCount()) {
        QPainter painter(viewport());
        painter.fillRect(0, rowViewportPosition(m_hoveredRow), viewport()->width(), rowHeight(m_hoveredRow),
                         Theme::current().color(ColorToken::Hover));
    }
    QTableView::paintEvent(event);
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
