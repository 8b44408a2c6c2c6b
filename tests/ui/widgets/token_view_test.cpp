// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QClipboard>
#include <QGuiApplication>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/token_legend.h"
#include "ui/widgets/token_view.h"

namespace lorikeet::ui {
namespace {

using State = TokenText::State;

class TokenViewTest : public testing::Test {
protected:
    TokenViewTest() : m_view("Tokens") {
        m_view.resize(400, 300);
        m_view.show();
    }

    /// The middle of the character at this place of the document, in the viewport.
    QPoint placeOf(int position) {
        QTextCursor cursor(m_view.document());
        cursor.setPosition(position);
        const QRect before = m_view.cursorRect(cursor);
        cursor.setPosition(position + 1);
        return QPoint((before.left() + m_view.cursorRect(cursor).left()) / 2, before.center().y());
    }

    TokenView m_view;
};

TEST_F(TokenViewTest, ShowsLineBreaksAsMarksAndCopiesTheDataItself) {
    m_view.setTokens({{"What?\n", State::Read, false, {}}, {"\tBlue ↵", State::Trained, false, {}}});
    EXPECT_EQ(m_view.document()->blockCount(), 2);
    EXPECT_TRUE(m_view.toPlainText().startsWith("What?↵\n"));
    m_view.selectAll();
    QTest::keyClick(&m_view, Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QGuiApplication::clipboard()->text(), "What?\n\tBlue ↵");
}

TEST_F(TokenViewTest, FindsTheTokenUnderTheMouse) {
    m_view.setTokens(
        {{"abc", State::Read, false, "first"}, {"def\n", State::Read, false, {}}, {"ghi", State::Trained, false, {}}});
    EXPECT_EQ(m_view.tokenAt(placeOf(1)), 0);
    EXPECT_EQ(m_view.tokenAt(placeOf(3)), 1);
    EXPECT_EQ(m_view.tokenAt(placeOf(9)), 2);
    EXPECT_EQ(m_view.tokenAt({390, 290}), -1);
}

TEST_F(TokenViewTest, TintsNeighboursDifferentlyAndUnderlinesTheTrained) {
    m_view.setTokens(
        {{"aaaa", State::Read, false, {}}, {"bbbb", State::Read, false, {}}, {"cccc", State::Trained, false, {}}});
    const QImage picture = m_view.viewport()->grab().toImage();
    const Theme& theme = Theme::current();
    const auto has = [&](int token, ColorToken color) {
        const int left = placeOf(4 * token).x(), right = placeOf(4 * token + 3).x();
        for (int y = 0; y < 40; ++y)
            for (int x = left; x < right; ++x)
                if (picture.pixelColor(x, y) == theme.color(color))
                    return true;
        return false;
    };
    EXPECT_TRUE(has(0, ColorToken::MaskedToken));
    EXPECT_TRUE(has(1, ColorToken::MaskedTokenAlternate));
    EXPECT_TRUE(has(2, ColorToken::TrainedToken));
    EXPECT_FALSE(has(0, ColorToken::Accent));
    EXPECT_FALSE(has(1, ColorToken::Accent));
    EXPECT_TRUE(has(2, ColorToken::Accent));
}

TEST_F(TokenViewTest, UnderlinesWhatIsWrittenFromRightToLeft) {
    m_view.setTokens({{QString::fromUtf8("שלום"), State::Trained, false, {}}});
    const QImage picture = m_view.viewport()->grab().toImage();
    int underlined = 0;
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < picture.width(); ++x)
            underlined += picture.pixelColor(x, y) == Theme::current().color(ColorToken::Accent);
    EXPECT_GT(underlined, 20);
}

TEST_F(TokenViewTest, SignsThatTurnTheTextAreSeenAndTurnNothing) {
    const QString data = QStringLiteral("a\u202Ebc\u2066d\u0085");
    m_view.setTokens({{data, State::Trained, false, {}}});
    EXPECT_EQ(m_view.toPlainText(), QStringLiteral("a\u2426bc\u2426d\u2426"));
    m_view.selectAll();
    EXPECT_EQ(m_view.selectedSource(), data);
}

TEST_F(TokenViewTest, ALineDoesNotBreakWithinASpecialToken) {
    QList<TokenText> tokens;
    for (int i = 0; i < 20; ++i) {
        tokens.append({QString(i + 1, 'a') + ' ', State::Read, false, {}});
        tokens.append({"<|im_end|>", State::Read, true, {}});
    }
    m_view.setTokens(tokens);
    m_view.grab();
    const QTextBlock block = m_view.document()->begin();
    ASSERT_GT(block.layout()->lineCount(), 3);
    for (int i = 1; i < block.layout()->lineCount(); ++i) {
        const QString start = block.text().mid(block.layout()->lineAt(i).textStart(), 3);
        EXPECT_TRUE(start.startsWith('a') || start.startsWith(' ') || start.startsWith('<')) << start.toStdString();
    }
    m_view.selectAll();
    EXPECT_TRUE(m_view.selectedSource().startsWith("a <|im_end|>aa <|im_end|>"));
}

TEST_F(TokenViewTest, FollowsTheTheme) {
    m_view.setTokens({{"aaaa", State::Trained, false, {}}});
    Theme::current().setChoice(Theme::Choice::Dark);
    const QBrush dark = m_view.document()->begin().begin().fragment().charFormat().background();
    Theme::current().setChoice(Theme::Choice::Light);
    EXPECT_EQ(dark.color(), color(ColorToken::TrainedToken, ColorScheme::Dark));
    EXPECT_EQ(m_view.selectedSource(), "");
}

TEST(TokenLegend, CountsEachKindAndTheWhole) {
    TokenLegend legend;
    legend.show();
    legend.setCounts(61, 1, 0, 512, true);
    QStringList texts;
    for (const ElidedLabel* label : legend.findChildren<ElidedLabel*>())
        if (label->isVisible())
            texts.append(label->fullText());
    EXPECT_EQ(texts, QStringList({"Trained, 61 tokens", "Read only, 1 token", "62 of 512 tokens"}));
    legend.setCounts(90, 38, 306, 128, true);
    EXPECT_LT(legend.minimumSizeHint().width(), 200) << "it asks for no more room than there is";
    EXPECT_EQ(legend.findChildren<ElidedLabel*>().last()->fullText(), "the first 128 of 434 tokens");
}

} // namespace
} // namespace lorikeet::ui
