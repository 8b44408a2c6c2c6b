// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QFont;

namespace lorikeet::ui {

/// A width in pixels that holds a text, in proportion to the system's font: what is given for a font of 13 px. Never
/// less. GUI thread, while there is a Theme.
int scaled(int pixels);
/// The same for another font.
int scaled(const QFont& font, int pixels);

} // namespace lorikeet::ui
