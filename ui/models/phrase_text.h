// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lorikeet {

struct Phrase;

namespace ui {

/// What core says to people, in the language of the window. lupdate finds the patterns with
/// -tr-function-alias QT_TR_NOOP+=phrase.
QString phraseText(const Phrase& phrase);
/// "Title: detail", or the title where there is no detail.
QString phraseText(const Phrase& title, const Phrase& detail);

} // namespace ui
} // namespace lorikeet
