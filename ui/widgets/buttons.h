// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>
#include <QToolButton>

namespace lorikeet::ui {

/// Primary: the one filled button of a page. Danger: ends something. Plain: without a border. Link: as text.
enum class ButtonKind { Normal, Primary, Danger, Plain, Link };
/// Compact: 24 px high instead of 32, for heads of charts and rows.
enum class ControlSize { Normal, Compact };

QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::Normal, const QString& iconName = {},
                        ControlSize size = ControlSize::Normal, QWidget* parent = nullptr);

/// A text that somebody has written, for a button or a menu, which take signs of it for an underlined key and a
/// shortcut.
QString literalText(const QString& text);

/// A button that shows an icon only; `name` is its tool tip and what a screen reader says.
QToolButton* makeIconButton(const QString& iconName, const QString& name, QWidget* parent = nullptr);

} // namespace lorikeet::ui
