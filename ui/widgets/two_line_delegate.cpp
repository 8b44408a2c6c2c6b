// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/two_line_delegate.h"

#include <QPainter>

#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr int kPadding = metrics::kGrid;

} // namespace

void paintItemBackground(QPainter& painter, const QStyleOptionViewItem& option) {
    const Theme& theme = Theme::current();
    painter.setRenderHint(QPainter::Antialiasing);
    const bool isSelected = option.state & QStyle::State_Selected;
    if (isSelected || option.state & QStyle::State_MouseOver) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.color(isSelected ? ColorToken::Selected : ColorToken::Hover));
        painter.drawRoundedRect(option.rect, metrics::kRadius, metrics::kRadius);
    }
    if (option.state & QStyle::State_HasFocus && option.state & QStyle::State_KeyboardFocusChange) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.color(ColorToken::Accent), 2));
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), metrics::kRadius, metrics::kRadius);
    }
}

void TwoLineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& theme = Theme::current();
    painter->save();
    paintItemBackground(*painter, option);
    QFont first = theme.font(TextRole::Body);
    first.setWeight(option.state & QStyle::State_Selected ? QFont::Medium : QFont::Normal);
    const QFont second = theme.font(TextRole::Secondary);
    const QFontMetrics firstMetrics(first), secondMetrics(second);
    const QRect room = option.rect.adjusted(kPadding, kPadding, -kPadding, -kPadding);
    const auto line = [&](const QFont& font, const QFontMetrics& metrics, ColorToken token, int top, int role,
                          Qt::TextElideMode mode) {
        painter->setFont(font);
        painter->setPen(theme.color(token));
        const QRect area(room.left(), top, room.width(), metrics.height());
        painter->drawText(area, Qt::AlignLeft | Qt::AlignVCenter,
                          metrics.elidedText(index.data(role).toString(), mode, area.width()));
    };
    line(first, firstMetrics, ColorToken::Text, room.top(), Qt::DisplayRole, Qt::ElideMiddle);
    line(second, secondMetrics, index.data(kWarningRole).toBool() ? ColorToken::WarningText : ColorToken::Secondary,
         room.bottom() + 1 - secondMetrics.height(), kSecondLineRole, Qt::ElideRight);
    painter->restore();
}

QSize TwoLineDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
    const Theme& theme = Theme::current();
    const int height =
        QFontMetrics(theme.font(TextRole::Body)).height() + QFontMetrics(theme.font(TextRole::Secondary)).height();
    return {option.rect.width(), height + metrics::kInside / 2 + 2 * kPadding};
}

} // namespace lorikeet::ui
