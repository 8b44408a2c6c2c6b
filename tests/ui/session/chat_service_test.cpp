// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/chat_service.h"

#include <QTest>

#include "tests/ui/session/chat_fixture.h"

namespace lorikeet::ui {
namespace {

/// What a service has told of each answer, in the order of its arrival.
struct Heard {
    explicit Heard(ChatService& service) {
        QObject::connect(&service, &ChatService::loading, &service,
                         [this](auto ticket, double) { note(ticket, QStringLiteral("loading")); });
        QObject::connect(&service, &ChatService::opened, &service, [this](auto ticket, const ChatFacts& what) {
            note(ticket, QStringLiteral("opened"));
            facts[ticket] = what;
        });
        QObject::connect(&service, &ChatService::wrote, &service,
                         [this](auto ticket, const QString& text, qint64, double) {
                             note(ticket, QStringLiteral("wrote"));
                             texts[ticket] += text;
                             ++pieces[ticket];
                         });
        QObject::connect(&service, &ChatService::ended, &service, [this](auto ticket, const ChatEnd& end) {
            note(ticket, QStringLiteral("ended"));
            ends[ticket].push_back(end);
        });
        QObject::connect(&service, &ChatService::released, &service, [this](int side) { released << side; });
    }

    void note(ChatService::Ticket ticket, const QString& what) {
        QStringList& known = events[ticket];
        if (known.isEmpty() || known.last() != what)
            known << what;
    }
    bool waitForEnd(ChatService::Ticket ticket) {
        return QTest::qWaitFor([&] { return !ends[ticket].isEmpty(); }, 60000);
    }
    const ChatEnd& end(ChatService::Ticket ticket) { return ends[ticket].first(); }

    QHash<ChatService::Ticket, QStringList> events;
    QHash<ChatService::Ticket, QString> texts;
    QHash<ChatService::Ticket, int> pieces;
    QHash<ChatService::Ticket, ChatFacts> facts;
    QHash<ChatService::Ticket, QList<ChatEnd>> ends;
    QList<int> released;
};

class ChatServiceTest : public ChatTest {
protected:
    static ChatQuestion question(const std::string& prompt = "What is blue?", int64_t tokens = 24) {
        ChatQuestion question{.side = {.model = "tiny"}, .prompt = prompt};
        question.sampling.maxNewTokens = tokens;
        return question;
    }

    ChatService m_service{m_workshop};
    Heard m_heard{m_service};
};

TEST_F(ChatServiceTest, TellsLoadingThenTheModelThenTheTextThenTheEnd) {
    const auto ticket = m_service.ask(0, question());
    ASSERT_TRUE(m_heard.waitForEnd(ticket));
    EXPECT_EQ(m_heard.events[ticket], (QStringList{"loading", "opened", "wrote", "ended"}));
    const ChatEnd& end = m_heard.end(ticket);
    ASSERT_FALSE(end.failure) << end.failure->message.toStdString();
    EXPECT_EQ(m_heard.texts[ticket], end.text);
    EXPECT_GT(end.tokens, 0);
    EXPECT_LE(end.tokens, 24);
    EXPECT_EQ(m_heard.facts[ticket].dataType, "NF4");
    EXPECT_EQ(m_heard.facts[ticket].weightsId.size(), 8);
    EXPECT_TRUE(m_heard.facts[ticket].adapterId.isEmpty());
    EXPECT_FALSE(m_heard.facts[ticket].isPlain);
}

TEST_F(ChatServiceTest, DoesNotLoadAgainWhatIsOpen) {
    ASSERT_TRUE(m_heard.waitForEnd(m_service.ask(0, question())));
    const auto second = m_service.ask(0, question("What is red?"));
    ASSERT_TRUE(m_heard.waitForEnd(second));
    EXPECT_FALSE(m_heard.events[second].contains("loading"));
    EXPECT_TRUE(m_heard.events[second].contains("opened"));
}

TEST_F(ChatServiceTest, OpensAnAdapterAnewThatHasBeenWrittenAgain) {
    const EndEvent run = trainRun();
    const std::filesystem::path earlier = run.adapter->parent_path() / "checkpoints" / "step-2";
    ChatQuestion tuned = question();
    tuned.side.adapter = run.adapter->string();
    const auto first = m_service.ask(0, tuned);
    ASSERT_TRUE(m_heard.waitForEnd(first));
    std::filesystem::copy_file(earlier / "adapter_model.safetensors", *run.adapter / "adapter_model.safetensors",
                               std::filesystem::copy_options::overwrite_existing);
    const auto second = m_service.ask(0, tuned);
    ASSERT_TRUE(m_heard.waitForEnd(second));
    EXPECT_TRUE(m_heard.events[second].contains("loading"));
    EXPECT_NE(m_heard.facts[first].adapterId, m_heard.facts[second].adapterId);
}

TEST_F(ChatServiceTest, SaysTheSameForTheSameSeedAndElseSomethingElse) {
    const auto one = m_service.ask(0, question());
    const auto other = m_service.ask(1, question());
    ChatQuestion differs = question();
    differs.sampling.seed = 7;
    const auto third = m_service.ask(0, differs);
    ASSERT_TRUE(m_heard.waitForEnd(one) && m_heard.waitForEnd(other) && m_heard.waitForEnd(third));
    EXPECT_EQ(m_heard.end(one).text, m_heard.end(other).text);
    EXPECT_NE(m_heard.end(one).text, m_heard.end(third).text);
}

TEST_F(ChatServiceTest, BothSidesAnswerAtOnceOverOneBase) {
    const EndEvent run = trainRun();
    ChatQuestion base = question("What is blue?", 2000);
    base.likeAdapter = run.adapter->string();
    ChatQuestion tuned = base;
    tuned.side.adapter = run.adapter->string();
    const auto left = m_service.ask(0, base), right = m_service.ask(1, tuned);
    // Both are on their way: each writes before the other has ended.
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_heard.pieces[left] > 0 && m_heard.pieces[right] > 0; }, 60000));
    m_service.stop(left);
    m_service.stop(right);
    ASSERT_TRUE(m_heard.waitForEnd(left) && m_heard.waitForEnd(right));
    EXPECT_EQ(m_heard.facts[left].weightsId, m_heard.facts[right].weightsId);
    EXPECT_EQ(m_heard.facts[right].adapterId.size(), 8);
    EXPECT_NE(m_heard.end(left).text, m_heard.end(right).text);
}

TEST_F(ChatServiceTest, AStopEndsTheAnswerOnceAndKeepsWhatWasSaid) {
    const auto ticket = m_service.ask(0, question("Tell me more.", 30000));
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_heard.pieces[ticket] > 0; }, 60000));
    m_service.stop(ticket);
    ASSERT_TRUE(m_heard.waitForEnd(ticket));
    m_service.stop(ticket);
    QCoreApplication::processEvents();
    ASSERT_EQ(m_heard.ends[ticket].size(), 1);
    EXPECT_EQ(m_heard.end(ticket).stopReason, "stopped");
    EXPECT_EQ(m_heard.end(ticket).text, m_heard.texts[ticket]);
}

TEST_F(ChatServiceTest, ComesAtMostTwentyTimesASecond) {
    QElapsedTimer timer;
    timer.start();
    const auto ticket = m_service.ask(0, question("Tell me more.", 400));
    ASSERT_TRUE(m_heard.waitForEnd(ticket));
    EXPECT_LE(m_heard.pieces[ticket], 2 + timer.elapsed() / 50);
}

TEST_F(ChatServiceTest, AFailureIsTheEndAndTheSideGoesOn) {
    ChatQuestion missing = question();
    missing.side.model = "/nowhere/model.gguf";
    const auto lost = m_service.ask(0, missing);
    ASSERT_TRUE(m_heard.waitForEnd(lost));
    ASSERT_TRUE(m_heard.end(lost).failure);
    EXPECT_EQ(m_heard.end(lost).failure->code, ErrorCode::NotFound);
    ChatQuestion noAdapter = question();
    noAdapter.side.adapter = (m_folder / "gone").string();
    const auto bare = m_service.ask(0, noAdapter);
    const auto fine = m_service.ask(0, question());
    ASSERT_TRUE(m_heard.waitForEnd(bare) && m_heard.waitForEnd(fine));
    EXPECT_TRUE(m_heard.end(bare).failure);
    EXPECT_FALSE(m_heard.end(fine).failure);
}

TEST_F(ChatServiceTest, ASilentSideGivesItsModelBack) {
    m_service.setReleaseAfter(20);
    ASSERT_TRUE(m_heard.waitForEnd(m_service.ask(1, question())));
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_heard.released == QList<int>{1}; }, 5000));
    const auto again = m_service.ask(1, question());
    ASSERT_TRUE(m_heard.waitForEnd(again));
    EXPECT_EQ(m_heard.events[again].first(), "loading");
}

TEST_F(ChatServiceTest, GoesAwayInTheMiddleOfAnAnswer) {
    auto service = std::make_unique<ChatService>(m_workshop);
    service->ask(0, question("Tell me more.", 30000));
    service->ask(1, question("Tell me more.", 30000));
    QTest::qWait(50);
    QElapsedTimer timer;
    timer.start();
    service.reset();
    EXPECT_LT(timer.elapsed(), 5000);
}

} // namespace
} // namespace lorikeet::ui
