// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/plain_tool_tips.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QHeaderView>
#include <QHelpEvent>
#include <QTextDocument>
#include <QToolTip>

namespace lorikeet::ui {
namespace {

/// What Qt would show there.
QString toolTipAt(const QWidget& widget, const QPoint& place) {
    const auto* view = qobject_cast<const QAbstractItemView*>(widget.parentWidget());
    if (!view || view->viewport() != &widget)
        return widget.toolTip();
    const auto* header = qobject_cast<const QHeaderView*>(view);
    if (!header)
        return view->indexAt(place).data(Qt::ToolTipRole).toString();
    const int section = header->logicalIndexAt(place);
    return header->model() ? header->model()->headerData(section, header->orientation(), Qt::ToolTipRole).toString()
                           : QString();
}

} // namespace

PlainToolTips::PlainToolTips(QObject* parent) : QObject(parent) {
    qApp->installEventFilter(this);
}

bool PlainToolTips::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::ToolTip || !watched->isWidgetType())
        return false;
    auto* widget = static_cast<QWidget*>(watched);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString text = toolTipAt(*widget, help->pos());
    if (!Qt::mightBeRichText(text))
        return false;
    QToolTip::showText(help->globalPos(), Qt::convertFromPlainText(text, Qt::WhiteSpaceNormal), widget);
    return true;
}

} // namespace lorikeet::ui
