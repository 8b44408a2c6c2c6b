// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLayout>
#include <QList>

namespace lorikeet::ui {

/// Lays its items out in columns of equal width, row after row: four where there is room, else two, else one. Hidden
/// items leave no hole. Items of a row stand on its lower edge.
class ColumnsLayout : public QLayout {
public:
    explicit ColumnsLayout(QWidget* parent = nullptr);
    ~ColumnsLayout() override;

    /// As addWidget, but over several columns.
    void addSpanning(QWidget* widget, int columns);

    void addItem(QLayoutItem* item) override { m_items.append({item, 1}); }
    int count() const override { return int(m_items.size()); }
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return arrange({0, 0, width, 0}, false); }
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect& area) override;

private:
    struct Item {
        QLayoutItem* item;
        int columns;
    };
    int columnCount(int width) const;
    /// Returns the height that is needed; moves the items only where `moves`.
    int arrange(const QRect& area, bool moves) const;

    QList<Item> m_items;
};

} // namespace lorikeet::ui
