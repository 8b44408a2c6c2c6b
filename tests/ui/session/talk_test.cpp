// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/talk.h"

#include <QSignalSpy>
#include <QTest>

#include "core/runs/chat_store.h"
#include "tests/ui/session/chat_fixture.h"

namespace lorikeet::ui {
namespace {

class TalkTest : public ChatTest {
protected:
    TalkTest() {
        m_talk.setLabeller([](const ChatSide& side) { return QString::fromStdString("who " + side.model); });
        m_talk.begin(settings(1));
        QObject::connect(&m_shelf, &ConversationShelf::refused, &m_talk,
                         [](const Failure& why) { ADD_FAILURE() << why.message.toStdString(); });
    }

    static ChatSettings settings(int sides, int64_t tokens = 12) {
        ChatSettings settings;
        settings.sides.assign(std::size_t(sides), ChatSide{.model = "tiny"});
        settings.sampling.maxNewTokens = tokens;
        return settings;
    }
    bool waitForAnswers() {
        return QTest::qWaitFor([this] { return !m_talk.isAnswering(); }, 60000);
    }
    /// Sends and waits.
    void say(const QString& prompt) {
        m_talk.send(prompt);
        ASSERT_TRUE(waitForAnswers());
    }
    std::string textOf(int turn, int side = 0) const {
        return m_talk.turns().at(std::size_t(turn)).answers.at(std::size_t(side)).value().text;
    }
    /// What the database holds by now of the conversation.
    std::vector<ChatTurn> kept() {
        EXPECT_TRUE(QTest::qWaitFor([this] { return !m_talk.id().isEmpty(); }));
        // Behind all writes that have been asked for.
        QSignalSpy opened(&m_shelf, &ConversationShelf::opened);
        m_shelf.open(ConversationShelf::newKey(), m_talk.id());
        EXPECT_TRUE(opened.wait(10000));
        return ChatStore(m_workshop->folder(), StoreAccess::ReadOnly).turns(m_talk.id().toStdString());
    }

    ChatService m_service{m_workshop};
    ConversationShelf m_shelf{m_workshop->folder()};
    Talk m_talk{m_service, m_shelf};
};

TEST_F(TalkTest, IsKeptWithItsFirstTurnAndNotBefore) {
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.isLoaded(); }));
    EXPECT_TRUE(m_shelf.list().empty());
    say("What is blue, by the way? And a long question it is, of many more words.");
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().size() == 1 && !m_talk.id().isEmpty(); }));
    EXPECT_EQ(m_shelf.list()[0].settings.title, "What is blue, by the way? And a long question it…");
    const std::vector<ChatTurn> turns = kept();
    ASSERT_EQ(turns.size(), 1u);
    ASSERT_TRUE(turns[0].answers.at(0));
    EXPECT_EQ(*turns[0].answers[0], *m_talk.turns()[0].answers[0]);
    EXPECT_EQ(turns[0].answers[0]->label, "who tiny");
    EXPECT_EQ(turns[0].answers[0]->seed, 42u);
}

TEST_F(TalkTest, AnswersAgainWithTheSameWordsForTheSameSeed) {
    say("What is blue?");
    const std::string first = textOf(0);
    m_talk.regenerate(0, 0);
    EXPECT_TRUE(m_talk.progress(0, 0));
    ASSERT_TRUE(waitForAnswers());
    EXPECT_EQ(textOf(0), first);
    ChatSampling sampling = m_talk.settings().sampling;
    sampling.seed = 5;
    m_talk.setSampling(sampling);
    m_talk.regenerate(0, 0);
    ASSERT_TRUE(waitForAnswers());
    EXPECT_NE(textOf(0), first);
    EXPECT_EQ(kept()[0].answers[0]->seed, 5u);
}

TEST_F(TalkTest, AnotherPromptTakesTheTurnsAfterItAndUndoBringsThemBack) {
    say("One?");
    say("Two?");
    say("Three?");
    const std::vector<ChatTurn> before = m_talk.turns();
    const std::vector<ChatTurn> gone = m_talk.resend(1, "Another?");
    EXPECT_EQ(gone.size(), 2u);
    ASSERT_TRUE(waitForAnswers());
    ASSERT_EQ(m_talk.turns().size(), 2u);
    EXPECT_EQ(kept().size(), 2u);
    EXPECT_EQ(kept()[1].prompt, "Another?");
    m_talk.putBack(m_talk.id(), 1, gone);
    const std::vector<ChatTurn> after = kept();
    ASSERT_EQ(after.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(after[i].prompt, before[i].prompt);
        EXPECT_EQ(after[i].answers, before[i].answers);
    }
}

TEST_F(TalkTest, WhatWasSaidBeforeIsPartOfTheQuestion) {
    say("One?");
    say("Two?");
    const std::string inContext = textOf(1);
    m_talk.begin(settings(1));
    say("Two?");
    EXPECT_NE(textOf(0), inContext);
}

TEST_F(TalkTest, WhoMovesToTheOtherSideTakesAlongWhatHeSaidHimself) {
    const ChatSide tuned{.model = "tiny", .adapter = trainRun().adapter->string(), .run = {}, .step = {}};
    ChatSettings both = settings(2);
    both.sides[1] = tuned;
    m_talk.begin(both);
    say("What is blue?");
    ASSERT_NE(textOf(0, 0), textOf(0, 1));
    m_talk.setSides({tuned});
    say("And green?");
    const std::string moved = textOf(1);
    ChatSettings alone = settings(1);
    alone.sides = {tuned};
    m_talk.begin(alone);
    say("What is blue?");
    say("And green?");
    EXPECT_EQ(textOf(1), moved);
}

TEST_F(TalkTest, AStoppedAnswerIsKeptAsFarAsItIs) {
    m_talk.begin(settings(2, 30000));
    m_talk.send("Tell me more.");
    const auto writes = [this](int side) {
        const AnswerProgress* progress = m_talk.progress(0, side);
        return progress && !progress->answer.text.empty();
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return writes(0) && writes(1); }, 60000));
    m_talk.stop();
    ASSERT_TRUE(waitForAnswers());
    EXPECT_EQ(m_talk.turns()[0].answers[1]->stopReason, "stopped");
    EXPECT_EQ(kept()[0].answers, m_talk.turns()[0].answers);
}

TEST_F(TalkTest, LeavingAConversationKeepsTheAnswerOnItsWayWhereItBelongs) {
    m_talk.begin(settings(1, 30000));
    m_talk.send("Tell me more.");
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_talk.progress(0, 0) && !m_talk.progress(0, 0)->answer.text.empty(); },
                                60000));
    m_talk.begin(settings(1));
    EXPECT_FALSE(m_talk.isAnswering());
    say("What is blue?");
    ASSERT_EQ(m_talk.turns().size(), 1u);
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().size() == 2; }));
    const bool isFirst = m_shelf.list()[0].settings.title == "Tell me more.";
    QSignalSpy begun(&m_talk, &Talk::begun);
    m_talk.open(QString::fromStdString(m_shelf.list()[isFirst ? 0 : 1].id));
    ASSERT_TRUE(begun.wait(10000));
    ASSERT_EQ(m_talk.turns().size(), 1u);
    ASSERT_TRUE(m_talk.turns()[0].answers.at(0));
    EXPECT_EQ(m_talk.turns()[0].answers[0]->stopReason, "stopped");
}

TEST_F(TalkTest, AConversationThatCannotBeOpenedLeavesTheOneThatStands) {
    say("What is blue?");
    kept();
    const QString id = m_talk.id();
    QObject::disconnect(&m_shelf, &ConversationShelf::refused, &m_talk, nullptr);
    QSignalSpy refused(&m_shelf, &ConversationShelf::refused);
    m_talk.open("nowhere");
    m_talk.setSampling({.temperature = 0.1, .maxNewTokens = 8});
    m_talk.regenerate(0, 0);
    ASSERT_TRUE(waitForAnswers());
    ASSERT_TRUE(refused.size() == 1 || refused.wait(10000));
    EXPECT_EQ(m_talk.id(), id);
    ASSERT_EQ(m_talk.turns().size(), 1u);
    EXPECT_FALSE(textOf(0).empty());
}

TEST_F(TalkTest, WhoAsksStaysWhereHeAsked) {
    say("One?");
    kept();
    const QString first = m_talk.id();
    m_talk.begin(settings(1));
    m_talk.open(first);
    say("Two?");
    QTest::qWait(100); // the other one has been read meanwhile
    ASSERT_EQ(m_talk.turns().size(), 1u);
    EXPECT_EQ(m_talk.turns()[0].prompt, "Two?");
    EXPECT_NE(m_talk.id(), first);
}

TEST_F(TalkTest, FactsOfWhoHasBeenReplacedAreNotTold) {
    QSignalSpy facts(&m_talk, &Talk::factsChanged);
    m_talk.send("What is blue?");
    m_talk.setSides({ChatSide{.model = "/nowhere/else.gguf"}});
    ASSERT_TRUE(waitForAnswers());
    EXPECT_EQ(facts.size(), 0);
    EXPECT_FALSE(textOf(0).empty());
}

TEST_F(TalkTest, AFailureStandsWhereItAroseUntilTheNextTry) {
    ChatSettings lost = settings(1);
    lost.sides[0].model = "/nowhere/model.gguf";
    m_talk.begin(lost);
    say("What is blue?");
    ASSERT_TRUE(m_talk.failure(0, 0));
    EXPECT_EQ(m_talk.failure(0, 0)->code, ErrorCode::NotFound);
    m_talk.setSides(settings(1).sides);
    m_talk.regenerate(0, 0);
    ASSERT_TRUE(waitForAnswers());
    EXPECT_FALSE(m_talk.failure(0, 0));
    EXPECT_FALSE(textOf(0).empty());
}

TEST_F(TalkTest, ADeletedConversationIsGoneFromTheListUntilItIsWantedBack) {
    say("What is blue?");
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().size() == 1; }));
    m_shelf.setDeleted(m_talk.id(), true);
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().empty(); }));
    m_shelf.setDeleted(m_talk.id(), false);
    EXPECT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().size() == 1; }));
}

TEST_F(TalkTest, TheSearchLooksIntoWhatWasSaid) {
    say("What is blue?");
    m_talk.begin(settings(1));
    say("And green?");
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().size() == 2; }));
    m_shelf.setSearch("GREEN");
    ASSERT_TRUE(QTest::qWaitFor([this] { return m_shelf.list().size() == 1; }));
    EXPECT_EQ(m_shelf.list()[0].settings.title, "And green?");
}

} // namespace
} // namespace lorikeet::ui
