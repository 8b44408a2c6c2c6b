// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QList>
#include <QString>
#include <QStringView>

namespace lorikeet::ui {

enum class ColorScheme { Light, Dark };

/// Every colour that anything is drawn with, by what it means.
enum class ColorToken {
    Window,
    Surface,
    Border,
    ControlBorder, ///< of what can be operated
    Text,
    Secondary,
    Disabled,
    Accent,     ///< lines, dots, bars; never text
    AccentText, ///< text, and the fill of the one filled button
    OnAccent,   ///< text on AccentText
    AccentTint,
    Warning, ///< lines, dots, bars; never text
    WarningText,
    WarningTint,
    Danger,
    DangerTint,
    Hover,
    Selected,
    ChartGrid,
    MaskedToken,
    MaskedTokenAlternate,
    TrainedToken,
    TrainedTokenAlternate,
};

QColor color(ColorToken token, ColorScheme scheme);

/// The name by which the style sheet calls a token: "@window".
QStringView tokenName(ColorToken token);
const QList<ColorToken>& allColorTokens();

/// A pair of tokens that stand on each other somewhere, and the contrast that they must reach (WCAG 2.1: 4.5 for text,
/// 3 for borders and marks that carry meaning).
struct ContrastPair {
    ColorToken foreground, background;
    double minimum;
};
const QList<ContrastPair>& contrastPairs();

/// The contrast of two opaque colours, 1 to 21 (WCAG 2.1, relative luminance).
double contrast(const QColor& one, const QColor& other);

/// The colour of the series with this index, from 0; after six they begin again.
QColor seriesColor(int index, ColorScheme scheme);
/// The dash pattern that tells series apart without colour, in units of the line's width; empty: solid.
QList<qreal> seriesDashes(int index);

/// Colour and name of a memory tag, by the name that the ledger gives it ("weights"); "driver" and "other" too.
QColor memoryTagColor(const QString& tag, ColorScheme scheme);
QString memoryTagTitle(const QString& tag);
/// All tags that memory is shown by, in the order of stacking, the lowest first.
const QList<QString>& memoryTagOrder();

/// Lengths in pixels at 100 %.
namespace metrics {
inline constexpr int kInside = 4;
inline constexpr int kGrid = 8;
inline constexpr int kGap = 16; ///< between cards, and a card's padding
inline constexpr int kPage = 24;
inline constexpr int kRadius = 6;
inline constexpr int kControl = 32;
inline constexpr int kSmallControl = 24;
inline constexpr int kIcon = 16;
inline constexpr int kSidebar = 200;
inline constexpr int kSidebarCollapsed = 56;
inline constexpr int kCollapseBelow = 1100; ///< of the window's width
} // namespace metrics

} // namespace lorikeet::ui
