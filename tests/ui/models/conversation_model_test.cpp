// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/conversation_model.h"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QDateTime>
#include <QSignalSpy>

namespace lorikeet::ui {
namespace {

class ConversationModelTest : public testing::Test {
protected:
    static Conversation conversation(const std::string& id, const std::string& title, qint64 age) {
        Conversation conversation;
        conversation.id = id;
        conversation.settings.title = title;
        conversation.settings.sides = {{.model = "a"}, {.model = "b"}};
        conversation.updated = QDateTime::currentMSecsSinceEpoch() - age;
        return conversation;
    }

    ConversationModel m_model{[](const ChatSide& side) { return QString::fromStdString(side.model).toUpper(); }};
    QAbstractItemModelTester m_tester{&m_model, QAbstractItemModelTester::FailureReportingMode::Fatal};
};

TEST_F(ConversationModelTest, SaysWhoSpeaksAndWhen) {
    m_model.setList({conversation("1", "Pencils", 0), conversation("2", "Trains", qint64(400) * 24 * 3600 * 1000)});
    const QModelIndex first = m_model.index(0), second = m_model.index(1);
    EXPECT_EQ(first.data().toString(), "Pencils");
    EXPECT_EQ(first.data(ConversationModel::SidesRole).toString(), "A and B");
    EXPECT_EQ(first.data(ConversationModel::WhenRole).toString(), "Now");
    EXPECT_FALSE(second.data(ConversationModel::WhenRole).toString().contains(':'));
    EXPECT_EQ(m_model.indexOf("2"), second);
    EXPECT_FALSE(m_model.indexOf("3").isValid());
}

TEST_F(ConversationModelTest, TellsATitleThatTheUserChangesAndRefusesNone) {
    m_model.setList({conversation("1", "Pencils", 0)});
    QSignalSpy renamed(&m_model, &ConversationModel::renamed);
    EXPECT_FALSE(m_model.setData(m_model.index(0), "  ", Qt::EditRole));
    EXPECT_TRUE(m_model.setData(m_model.index(0), "Pencils", Qt::EditRole));
    EXPECT_EQ(renamed.count(), 0);
    EXPECT_TRUE(m_model.setData(m_model.index(0), " Pens\nand ink ", Qt::EditRole));
    ASSERT_EQ(renamed.count(), 1);
    EXPECT_EQ(renamed.at(0).at(1).toString(), "Pens and ink");
}

TEST_F(ConversationModelTest, KeepsItsRowsWhereTheOrderIsTheSame) {
    m_model.setList({conversation("1", "Pencils", 0), conversation("2", "Trains", 0)});
    QSignalSpy reset(&m_model, &QAbstractItemModel::modelReset);
    m_model.setList({conversation("1", "Pens", 0), conversation("2", "Trains", 0)});
    EXPECT_EQ(reset.count(), 0);
    EXPECT_EQ(m_model.index(0).data().toString(), "Pens");
    m_model.setList({conversation("2", "Trains", 0)});
    EXPECT_EQ(reset.count(), 1);
    EXPECT_EQ(m_model.rowCount(), 1);
}

} // namespace
} // namespace lorikeet::ui
