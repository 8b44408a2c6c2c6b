// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>

#include "ui/theme/tokens.h"

namespace lorikeet::ui {

/// An icon of resources/icons by its file's name without ".svg". It is drawn in the colour of `token`, follows the
/// theme, and is drawn in Disabled where the control is disabled. A name without a file gives an icon that is null.
QIcon icon(const QString& name, ColorToken token = ColorToken::Text);

/// The same with another colour while it is checked: that of the accent.
QIcon navigationIcon(const QString& name);

/// The icon's picture, `size` pixels wide at 100 %, for painting by hand.
QPixmap iconPixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio);

} // namespace lorikeet::ui
