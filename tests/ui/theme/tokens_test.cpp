// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/tokens.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QRegularExpression>

#include "ui/theme/icons.h"
#include "ui/theme/scale.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

TEST(Contrast, OfBlackOnWhiteIsTwentyOne) {
    EXPECT_NEAR(contrast(Qt::black, Qt::white), 21.0, 1e-9);
    EXPECT_NEAR(contrast(Qt::white, Qt::white), 1.0, 1e-9);
    // #767676 is known as the lightest grey that reaches 4.5 on white.
    EXPECT_NEAR(contrast(QColor(0x767676), Qt::white), 4.54, 0.01);
}

TEST(Tokens, EveryPairThatStandsOnEachOtherHasItsContrast) {
    for (const ColorScheme scheme : {ColorScheme::Light, ColorScheme::Dark})
        for (const ContrastPair& pair : contrastPairs())
            EXPECT_GE(contrast(color(pair.foreground, scheme), color(pair.background, scheme)), pair.minimum)
                << tokenName(pair.foreground).toString().toStdString() << " on "
                << tokenName(pair.background).toString().toStdString()
                << (scheme == ColorScheme::Dark ? " (dark)" : " (light)");
}

TEST(Tokens, TheStyleSheetHasNoColourOfItsOwn) {
    QFile file(":/lorikeet/style.qss");
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QString sheet = QString::fromUtf8(file.readAll());
    EXPECT_FALSE(sheet.contains(QRegularExpression("#[0-9a-fA-F]{3,8}|rgb")));
}

TEST(Scale, WidthsGrowWithTheSystemsFontAndNeverShrink) {
    EXPECT_GE(scaled(240), 240);
    const QFont usual = QApplication::font();
    const auto widthWith = [&](int pixels) {
        QFont font = usual;
        font.setPixelSize(pixels);
        return scaled(font, 240);
    };
    EXPECT_EQ(widthWith(13), 240);
    EXPECT_EQ(widthWith(26), 480);
    EXPECT_EQ(widthWith(8), 240);
}

TEST(Theme, FillsInEveryTokenOfTheStyleSheet) {
    const QString sheet = qApp->styleSheet();
    EXPECT_FALSE(sheet.contains('@')) << sheet.mid(sheet.indexOf('@'), 40).toStdString();
    EXPECT_TRUE(sheet.contains(color(ColorToken::Surface, ColorScheme::Light).name()));
}

TEST(Theme, ChangesWhatIsPaintedWithTheChoice) {
    Theme& theme = Theme::current();
    int changes = 0;
    const auto connection = QObject::connect(&theme, &Theme::changed, [&] { ++changes; });
    theme.setChoice(Theme::Choice::Dark);
    EXPECT_EQ(theme.color(ColorToken::Window), color(ColorToken::Window, ColorScheme::Dark));
    EXPECT_EQ(QApplication::palette().color(QPalette::Window), color(ColorToken::Window, ColorScheme::Dark));
    theme.setChoice(Theme::Choice::Light);
    EXPECT_EQ(changes, 2);
    QObject::disconnect(connection);
}

TEST(Icons, ThoseWithoutAFileAreNull) {
    EXPECT_FALSE(icon("home").isNull());
    EXPECT_TRUE(icon("no such icon").isNull());
}

TEST(Icons, AreDrawnInTheColourOfTheirToken) {
    const QImage image = iconPixmap("stop", Qt::red, 32, 1.0).toImage();
    int red = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            red += image.pixelColor(x, y) == QColor(Qt::red);
    EXPECT_GT(red, 40);
}

} // namespace
} // namespace lorikeet::ui
