// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace lorikeet::ui {

/// What stands behind an item of a list: whether it is selected, hovered, or has the focus of the keyboard. Turns
/// antialiasing on.
void paintItemBackground(QPainter& painter, const QStyleOptionViewItem& option);

/// Draws the items of a list in two lines: Qt::DisplayRole, and below it kSecondLineRole in secondary text, in the tone
/// of a warning where kWarningRole is true.
class TwoLineDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    enum Role { kSecondLineRole = Qt::UserRole + 1, kWarningRole };

    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace lorikeet::ui
