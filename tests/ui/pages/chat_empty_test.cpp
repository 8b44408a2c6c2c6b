// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_empty.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace lorikeet::ui {
namespace {

TEST(ChatEmpty, OffersAsManyPromptsAsCanBeTakenInAtAGlance) {
    ChatEmpty empty;
    QStringList prompts;
    for (int i = 0; i < 20; ++i)
        prompts.append(QStringLiteral("Prompt %1?").arg(i));
    empty.showSuggestions(QStringLiteral("a model"), prompts);
    const QList<QPushButton*> buttons = empty.findChildren<QPushButton*>();
    ASSERT_EQ(buttons.size(), ChatEmpty::kMostSuggestions);
    QSignalSpy suggested(&empty, &ChatEmpty::suggested);
    QTest::mouseClick(buttons.last(), Qt::LeftButton);
    ASSERT_EQ(suggested.size(), 1);
    EXPECT_EQ(suggested.first().first().toString(), prompts[ChatEmpty::kMostSuggestions - 1]);
}

} // namespace
} // namespace lorikeet::ui
