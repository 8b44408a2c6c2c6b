// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/scale.h"

#include <QFontInfo>

#include <algorithm>

#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kUsualSize = 13.0; // px of the font that the measures are made for

} // namespace

int scaled(int pixels) {
    return scaled(Theme::current().font(TextRole::Body), pixels);
}

int scaled(const QFont& font, int pixels) {
    return qRound(pixels * std::max(1.0, QFontInfo(font).pixelSize() / kUsualSize));
}

} // namespace lorikeet::ui
