// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/columns_layout.h"

#include <QWidget>

#include <algorithm>

#include "ui/theme/tokens.h"

namespace lorikeet::ui {
namespace {

constexpr int kMostColumns = 4;
constexpr int kAcross = metrics::kGap;
constexpr int kDown = metrics::kGrid + metrics::kInside;

int heightOf(const QLayoutItem& item, int width) {
    return item.hasHeightForWidth() ? item.heightForWidth(width) : item.sizeHint().height();
}

} // namespace

ColumnsLayout::ColumnsLayout(QWidget* parent) : QLayout(parent) {
    setContentsMargins(0, 0, 0, 0);
}

ColumnsLayout::~ColumnsLayout() {
    for (const Item& item : qAsConst(m_items))
        delete item.item;
}

void ColumnsLayout::addSpanning(QWidget* widget, int columns) {
    addWidget(widget);
    m_items.last().columns = columns;
}

QLayoutItem* ColumnsLayout::itemAt(int index) const {
    return index >= 0 && index < m_items.size() ? m_items[index].item : nullptr;
}

QLayoutItem* ColumnsLayout::takeAt(int index) {
    return index >= 0 && index < m_items.size() ? m_items.takeAt(index).item : nullptr;
}

int ColumnsLayout::columnCount(int width) const {
    int widest = 0;
    for (const Item& item : m_items)
        if (!item.item->isEmpty() && item.columns == 1)
            widest = std::max(widest, item.item->minimumSize().width());
    for (const int columns : {kMostColumns, 2})
        if (columns * widest + (columns - 1) * kAcross <= width)
            return columns;
    return 1;
}

int ColumnsLayout::arrange(const QRect& area, bool moves) const {
    const int columns = columnCount(area.width());
    const double step = double(area.width() + kAcross) / columns;
    const auto left = [&](int column) { return area.x() + int(column * step); };
    int top = area.y();
    for (int i = 0; i < m_items.size();) {
        struct Placed {
            QLayoutItem* item;
            int x, width;
        };
        QList<Placed> row;
        int height = 0;
        for (int column = 0; i < m_items.size(); ++i) {
            const Item& item = m_items[i];
            const int span = std::min(item.columns, columns);
            if (item.item->isEmpty())
                continue;
            if (column + span > columns)
                break;
            const int width = left(column + span) - kAcross - left(column);
            row.append({item.item, left(column), width});
            height = std::max(height, heightOf(*item.item, width));
            column += span;
        }
        if (row.isEmpty())
            continue;
        top += top == area.y() ? 0 : kDown;
        for (const Placed& placed : qAsConst(row)) {
            const int own = heightOf(*placed.item, placed.width);
            if (moves)
                placed.item->setGeometry({placed.x, top + height - own, placed.width, own});
        }
        top += height;
    }
    return top - area.y();
}

QSize ColumnsLayout::minimumSize() const {
    QSize size;
    for (const Item& item : m_items)
        if (!item.item->isEmpty())
            size = size.expandedTo(item.item->minimumSize());
    return size;
}

QSize ColumnsLayout::sizeHint() const {
    const QSize least = minimumSize();
    const int width = kMostColumns * least.width() + (kMostColumns - 1) * kAcross;
    return {width, heightForWidth(width)};
}

void ColumnsLayout::setGeometry(const QRect& area) {
    QLayout::setGeometry(area);
    arrange(area, true);
}

} // namespace lorikeet::ui
