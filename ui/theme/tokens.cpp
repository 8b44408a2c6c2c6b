// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/tokens.h"

#include <QCoreApplication>

#include <array>
#include <cmath>

namespace lorikeet::ui {
namespace {

struct Shade {
    ColorToken token;
    QStringView name;
    QRgb light, dark;
};

constexpr std::array kShades = {
    Shade{ColorToken::Window, u"@window", 0xFBFBFA, 0x1B1C1E},
    Shade{ColorToken::Surface, u"@surface", 0xFFFFFF, 0x232427},
    Shade{ColorToken::Border, u"@border", 0xE4E4E1, 0x36383C},
    Shade{ColorToken::ControlBorder, u"@control-border", 0xCBCBC7, 0x4B4E54},
    Shade{ColorToken::Text, u"@text", 0x1D1D1F, 0xECECEA},
    Shade{ColorToken::Secondary, u"@secondary", 0x6B6B70, 0x9C9CA1},
    Shade{ColorToken::Disabled, u"@disabled", 0xA9A9AC, 0x6C6D72},
    Shade{ColorToken::Accent, u"@accent", 0x1F8A5B, 0x3FBF86},
    Shade{ColorToken::AccentText, u"@accent-text", 0x1A7A50, 0x3FBF86},
    Shade{ColorToken::OnAccent, u"@on-accent", 0xFFFFFF, 0x12231A},
    Shade{ColorToken::AccentTint, u"@accent-tint", 0xE6F3EC, 0x1F3329},
    Shade{ColorToken::Warning, u"@warning", 0xB7791F, 0xE0A84A},
    Shade{ColorToken::WarningText, u"@warning-text", 0x8F5A0F, 0xE0A84A},
    Shade{ColorToken::WarningTint, u"@warning-tint", 0xFBF3E3, 0x33291A},
    Shade{ColorToken::Danger, u"@danger", 0xC0392B, 0xE5695B},
    Shade{ColorToken::DangerTint, u"@danger-tint", 0xFBEBE9, 0x38211F},
    Shade{ColorToken::Hover, u"@hover", 0xF1F1EE, 0x2A2C2F},
    Shade{ColorToken::Selected, u"@selected", 0xECECE8, 0x2F3135},
    Shade{ColorToken::ChartGrid, u"@chart-grid", 0xEDEDEA, 0x2D2F33},
    Shade{ColorToken::MaskedToken, u"@masked-token", 0xF1F1EE, 0x2D2F33},
    Shade{ColorToken::MaskedTokenAlternate, u"@masked-token-alternate", 0xE8E8E4, 0x36383C},
    Shade{ColorToken::TrainedToken, u"@trained-token", 0xE6F3EC, 0x1F3329},
    Shade{ColorToken::TrainedTokenAlternate, u"@trained-token-alternate", 0xD3E9DD, 0x274336},
};

struct TagShade {
    const char* tag;
    const char* title;
    QRgb light, dark;
};

constexpr std::array kTags = {
    TagShade{"driver", QT_TRANSLATE_NOOP("MemoryTag", "Driver"), 0xB9B9BE, 0x5C5D62},
    TagShade{"weights", QT_TRANSLATE_NOOP("MemoryTag", "Weights"), 0x0072B2, 0x2B8FD0},
    TagShade{"quant_state", QT_TRANSLATE_NOOP("MemoryTag", "Quant state"), 0x56B4E9, 0x56B4E9},
    TagShade{"adapters", QT_TRANSLATE_NOOP("MemoryTag", "Adapters"), 0x009E73, 0x009E73},
    TagShade{"gradients", QT_TRANSLATE_NOOP("MemoryTag", "Gradients"), 0x8C8C1F, 0x8C8C1F},
    TagShade{"optimizer", QT_TRANSLATE_NOOP("MemoryTag", "Optimizer"), 0xE69F00, 0xE69F00},
    TagShade{"logits", QT_TRANSLATE_NOOP("MemoryTag", "Logits"), 0xCC79A7, 0xCC79A7},
    TagShade{"workspace", QT_TRANSLATE_NOOP("MemoryTag", "Workspace"), 0x8A8A90, 0x8A8A90},
    TagShade{"activations", QT_TRANSLATE_NOOP("MemoryTag", "Activations"), 0xD55E00, 0xD55E00},
    TagShade{"kv_cache", QT_TRANSLATE_NOOP("MemoryTag", "KV cache"), 0x8F5FA8, 0x8F5FA8},
    TagShade{"data", QT_TRANSLATE_NOOP("MemoryTag", "Data"), 0x6F6F3A, 0x6F6F3A},
};

const TagShade* findTag(const QString& tag) {
    for (const TagShade& shade : kTags)
        if (tag == QLatin1String(shade.tag))
            return &shade;
    return nullptr;
}

double luminance(const QColor& color) {
    const auto channel = [](double value) {
        return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

} // namespace

QColor color(ColorToken token, ColorScheme scheme) {
    const Shade& shade = kShades[size_t(token)];
    Q_ASSERT(shade.token == token);
    return QColor(scheme == ColorScheme::Dark ? shade.dark : shade.light);
}

QStringView tokenName(ColorToken token) {
    return kShades[size_t(token)].name;
}

const QList<ColorToken>& allColorTokens() {
    static const QList<ColorToken> tokens = [] {
        QList<ColorToken> all;
        for (const Shade& shade : kShades)
            all.append(shade.token);
        return all;
    }();
    return tokens;
}

const QList<ContrastPair>& contrastPairs() {
    using enum ColorToken;
    static const QList<ContrastPair> pairs = {
        {Text, Window, 4.5},
        {Text, Surface, 4.5},
        {Text, Hover, 4.5},
        {Text, Selected, 4.5},
        {Text, AccentTint, 4.5},
        {Text, WarningTint, 4.5},
        {Text, DangerTint, 4.5},
        {Text, MaskedToken, 4.5},
        {Text, TrainedToken, 4.5},
        {Text, TrainedTokenAlternate, 4.5},
        {Secondary, Window, 4.5},
        {Secondary, Surface, 4.5},
        {Secondary, MaskedToken, 4.5},
        {AccentText, Window, 4.5},
        {AccentText, Surface, 4.5},
        {AccentText, AccentTint, 4.5},
        {OnAccent, AccentText, 4.5},
        {WarningText, Window, 4.5},
        {WarningText, Surface, 4.5},
        {WarningText, WarningTint, 4.5},
        {Danger, Window, 4.5},
        {Danger, Surface, 4.5},
        {Danger, DangerTint, 4.5},
        {Accent, Surface, 3.0},
        {Accent, Window, 3.0},
        {Warning, Surface, 3.0},
    };
    return pairs;
}

double contrast(const QColor& one, const QColor& other) {
    const double a = luminance(one), b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

QColor seriesColor(int index, ColorScheme scheme) {
    constexpr std::array<QRgb, 6> kColors = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9};
    constexpr QRgb kFirstOnDark = 0x2B8FD0; // the first has too little contrast there
    const size_t at = size_t(index) % kColors.size();
    return QColor(at == 0 && scheme == ColorScheme::Dark ? kFirstOnDark : kColors[at]);
}

QList<qreal> seriesDashes(int index) {
    // Of lines 2 px wide.
    static const QList<QList<qreal>> kDashes = {{}, {4, 2}, {1, 1.5}, {4, 1.5, 1, 1.5}, {6, 2}, {2, 2}};
    return kDashes[index % kDashes.size()];
}

QColor memoryTagColor(const QString& tag, ColorScheme scheme) {
    const TagShade* shade = findTag(tag);
    if (!shade)
        return color(ColorToken::Disabled, scheme);
    return QColor(scheme == ColorScheme::Dark ? shade->dark : shade->light);
}

QString memoryTagTitle(const QString& tag) {
    const TagShade* shade = findTag(tag);
    return shade ? QCoreApplication::translate("MemoryTag", shade->title) : tag;
}

const QList<QString>& memoryTagOrder() {
    static const QList<QString> order = [] {
        QList<QString> tags;
        for (const TagShade& shade : kTags)
            tags.append(QLatin1String(shade.tag));
        return tags;
    }();
    return order;
}

} // namespace lorikeet::ui
