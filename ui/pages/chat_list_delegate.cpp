// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_list_delegate.h"

#include <QLineEdit>
#include <QPainter>

#include "ui/models/conversation_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/two_line_delegate.h"

namespace lorikeet::ui {
namespace {

QFont titleFont() {
    QFont font = Theme::current().font(TextRole::Body);
    font.setWeight(QFont::Medium);
    return font;
}

QFont smallFont() {
    return Theme::current().font(TextRole::Secondary);
}

} // namespace

QSize ChatListDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    const int text = QFontMetrics(titleFont()).height() + QFontMetrics(smallFont()).height();
    return {0, text + metrics::kInside / 2 + 2 * metrics::kGrid};
}

void ChatListDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& theme = Theme::current();
    painter->save();
    paintItemBackground(*painter, option);
    const QRect area = option.rect.adjusted(metrics::kGrid, metrics::kGrid, -metrics::kGrid, -metrics::kGrid);
    const QFontMetrics title(titleFont()), small(smallFont());
    const QString when = index.data(ConversationModel::WhenRole).toString();
    const int whenWidth = small.horizontalAdvance(when);
    const QRect upper(area.left(), area.top(), area.width(), title.height());
    painter->setFont(smallFont());
    painter->setPen(theme.color(ColorToken::Secondary));
    painter->drawText(upper, Qt::AlignRight | Qt::AlignVCenter, when);
    const QRect lower(area.left(), area.bottom() + 1 - small.height(), area.width(), small.height());
    painter->drawText(
        lower, Qt::AlignLeft | Qt::AlignVCenter,
        small.elidedText(index.data(ConversationModel::SidesRole).toString(), Qt::ElideRight, lower.width()));
    painter->setFont(titleFont());
    painter->setPen(theme.color(ColorToken::Text));
    painter->drawText(
        upper, Qt::AlignLeft | Qt::AlignVCenter,
        title.elidedText(index.data().toString(), Qt::ElideRight, upper.width() - whenWidth - metrics::kGrid));
    painter->restore();
}

QWidget* ChatListDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex&) const {
    auto* editor = new QLineEdit(parent);
    editor->setAccessibleName(tr("Title of the conversation"));
    return editor;
}

void ChatListDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                                            const QModelIndex&) const {
    QRect area = option.rect.adjusted(2, 0, -2, 0);
    area.setHeight(std::min(area.height(), editor->sizeHint().height()));
    area.moveCenter(option.rect.center());
    editor->setGeometry(area);
}

} // namespace lorikeet::ui
