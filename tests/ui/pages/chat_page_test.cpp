// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <fstream>

#include "core/jobs/model_library.h"
#include "core/runs/chat_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/models/conversation_model.h"
#include "ui/pages/chat_answer_view.h"
#include "ui/pages/chat_composer.h"
#include "ui/pages/chat_list.h"
#include "ui/pages/chat_page.h"
#include "ui/pages/chat_side_header.h"
#include "ui/pages/chat_transcript.h"
#include "ui/pages/chat_turn_view.h"
#include "ui/widgets/plain_text.h"

namespace lorikeet::ui {
namespace {

class ChatPageTest : public StudioTest {
protected:
    ChatPageTest() {
        QObject::connect(&m_navigator, &Navigator::undoOffered, &m_navigator,
                         [this](const QString& text, const std::function<void()>& undo) {
                             m_undoText = text;
                             m_undo = undo;
                         });
    }

    void addTiny() { addModel(m_studio.workshop()->folder(), modelPath(), std::string("tiny")); }
    void open() {
        m_page = std::make_unique<ChatPage>(m_studio, m_navigator);
        m_page->resize(1240, 900);
        m_page->show();
        m_page->activateWindow();
    }
    /// With a tiny model, of which short answers are wanted.
    void openWithModel(int64_t tokens = 16) {
        addTiny();
        open();
        ASSERT_TRUE(waitUntil([this] { return m_page->talk().sides() > 0; }));
        want(tokens);
    }
    void want(int64_t tokens) {
        ChatSampling sampling = m_page->talk().settings().sampling;
        sampling.maxNewTokens = tokens;
        m_page->talk().setSampling(sampling);
    }
    void ask(const QString& prompt) {
        QTest::keyClicks(m_page->composer().editor(), prompt);
        QTest::keyClick(m_page->composer().editor(), Qt::Key_Return);
        ASSERT_TRUE(m_page->talk().isAnswering());
        waitForAnswers();
    }
    void waitForAnswers() {
        ASSERT_TRUE(waitUntil([this] { return !m_page->talk().isAnswering() && !m_page->talk().id().isEmpty(); }));
    }
    ChatAnswerView* answer(int turn, int side = 0) { return m_page->transcript().turn(turn)->answer(side); }
    static void click(const QWidget& parent, const QString& name) {
        ASSERT_TRUE(waitUntil([&] { return button(parent, name) && button(parent, name)->isVisible(); }))
            << name.toStdString();
        QTest::mouseClick(button(parent, name), Qt::LeftButton);
    }
    int rows() { return m_page->list().view()->model()->rowCount(); }
    void clickRow(int row) {
        QListView* view = m_page->list().view();
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {},
                          view->visualRect(view->model()->index(row, 0)).center());
    }
    /// A conversation that the database has already.
    std::string keep(const std::string& title, const std::vector<std::pair<std::string, std::string>>& said) {
        ChatStore store(m_studio.workshop()->folder());
        ChatSettings settings;
        settings.title = title;
        settings.sides = {{.model = "tiny"}};
        const std::string id = store.create(settings).id;
        for (const auto& [prompt, text] : said) {
            ChatTurn turn{.prompt = prompt};
            turn.answers = {ChatAnswer{.text = text, .label = "Base tiny", .seed = 42, .stopReason = "end"}};
            store.addTurn(id, turn);
        }
        return id;
    }

    Navigator m_navigator;
    QString m_undoText;
    std::function<void()> m_undo;
    std::unique_ptr<ChatPage> m_page;
};

TEST_F(ChatPageTest, WithoutAModelTheButtonsLeadToOne) {
    open();
    QSignalSpy wanted(&m_navigator, &Navigator::pageWanted);
    QSignalSpy started(&m_navigator, &Navigator::quickStartWanted);
    click(*m_page, "Add a model");
    ASSERT_EQ(wanted.count(), 1);
    EXPECT_EQ(wanted.at(0).at(0).value<PageId>(), PageId::Models);
    click(*m_page, "Quick start");
    EXPECT_EQ(started.count(), 1);
    QTest::keyClicks(m_page->composer().editor(), "Hello?");
    EXPECT_FALSE(m_page->composer().sendButton()->isEnabled());
    EXPECT_EQ(m_page->composer().sendButton()->toolTip(), "There is no model to ask yet");
}

TEST_F(ChatPageTest, AnswersWhatIsTypedAndSaysWhoAnswered) {
    openWithModel();
    EXPECT_FALSE(m_page->composer().sendButton()->isEnabled());
    ask("What is blue?");
    EXPECT_TRUE(m_page->composer().text().isEmpty());
    EXPECT_FALSE(answer(0)->text().isEmpty());
    EXPECT_TRUE(answer(0)->label().startsWith("Base tiny, ")) << answer(0)->label().toStdString();
    EXPECT_TRUE(answer(0)->label().contains(", seed 42, ")) << answer(0)->label().toStdString();
    EXPECT_TRUE(m_page->header(0).facts().startsWith("NF4, weights ")) << m_page->header(0).facts().toStdString();
    click(*answer(0), "Copy this answer");
    EXPECT_EQ(QGuiApplication::clipboard()->text(), answer(0)->text());
}

TEST_F(ChatPageTest, ShiftReturnBeginsALineAndEscapeStops) {
    openWithModel(200);
    QPlainTextEdit* editor = m_page->composer().editor();
    QTest::keyClicks(editor, "One");
    QTest::keyClick(editor, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(editor, "Two");
    EXPECT_EQ(m_page->composer().text(), "One\nTwo");
    QTest::keyClick(editor, Qt::Key_Return);
    EXPECT_TRUE(m_page->composer().stopButton()->isVisible());
    ASSERT_TRUE(waitUntil([this] { return !answer(0)->text().isEmpty() || !m_page->talk().isAnswering(); }));
    QTest::keyClick(editor, Qt::Key_Escape);
    waitForAnswers();
    EXPECT_FALSE(m_page->composer().stopButton()->isVisible());
    EXPECT_EQ(m_page->talk().turns()[0].prompt, "One\nTwo");
}

TEST_F(ChatPageTest, TheSameSeedAnswersTheSameAgain) {
    openWithModel();
    ask("What is blue?");
    const QString first = answer(0)->text();
    click(*answer(0), "Answer again, with the model and the sampling of now");
    EXPECT_TRUE(m_page->talk().isAnswering());
    waitForAnswers();
    EXPECT_EQ(answer(0)->text(), first);
}

TEST_F(ChatPageTest, BaseAndTunedStandSideBySideAndKeepTheirNames) {
    addTiny();
    RunConfig run = smallRun();
    run.model = "tiny";
    run.name = "colours";
    run.every.save = 2;
    run.training.learningRate = 5e-2;
    train(run);
    open();
    ASSERT_TRUE(waitUntil([this] { return m_page->talk().sides() == 2; }));
    want(16);
    ask("What is blue?");
    ASSERT_EQ(m_page->transcript().turn(0)->answers(), 2);
    EXPECT_TRUE(answer(0, 0)->label().startsWith("Base tiny, "));
    EXPECT_TRUE(answer(0, 1)->label().startsWith("colours, step 3, ")) << answer(0, 1)->label().toStdString();
    EXPECT_NE(answer(0, 0)->text(), answer(0, 1)->text());
    EXPECT_TRUE(m_page->header(1).facts().contains("adapter "));
    // Another checkpoint: what has been said keeps the name of who said it.
    QComboBox* step = m_page->header(1).step();
    ASSERT_EQ(step->count(), 2);
    QTest::keyClick(step, Qt::Key_Down);
    ASSERT_EQ(m_page->talk().settings().sides[1].step, 2);
    EXPECT_TRUE(answer(0, 1)->label().startsWith("colours, step 3"));
    click(*answer(0, 1), "Answer again, with the model and the sampling of now");
    waitForAnswers();
    EXPECT_TRUE(answer(0, 1)->label().startsWith("colours, step 2"));
    click(*m_page, "Who answers: One model");
    ASSERT_EQ(m_page->talk().sides(), 1);
    EXPECT_TRUE(m_page->talk().settings().sides[0].adapter);
    ask("And green?");
    EXPECT_EQ(m_page->transcript().turn(1)->answers(), 1);
    EXPECT_EQ(m_page->transcript().turn(0)->answers(), 2);
}

TEST_F(ChatPageTest, AnotherPageOverTheSameDatabaseFindsTheConversation) {
    openWithModel();
    ask("What is blue?");
    const QString text = answer(0)->text(), label = answer(0)->label();
    m_page.reset();
    open();
    ASSERT_TRUE(waitUntil([this] { return rows() == 1; }));
    EXPECT_EQ(m_page->list().view()->model()->index(0, 0).data().toString(), "What is blue?");
    clickRow(0);
    ASSERT_TRUE(waitUntil([this] { return m_page->transcript().turn(0); }));
    EXPECT_EQ(answer(0)->text(), text);
    EXPECT_EQ(answer(0)->label(), label);
    ask("And red?");
    EXPECT_EQ(rows(), 1);
}

TEST_F(ChatPageTest, AnEditedPromptIsAskedAgainAndUndoBringsBackWhatWent) {
    openWithModel();
    ask("One?");
    ask("Two?");
    const QString before = answer(0)->text();
    ChatTurnView* first = m_page->transcript().turn(0);
    click(*first, "Edit this prompt and send it again");
    ASSERT_TRUE(first->isEditing());
    auto* prompt = first->findChild<PlainText*>();
    QTest::keyClick(prompt, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(prompt, "Three?");
    QTest::keyClick(prompt, Qt::Key_Return);
    waitForAnswers();
    ASSERT_EQ(m_page->talk().turns().size(), 1u);
    EXPECT_EQ(m_page->talk().turns()[0].prompt, "Three?");
    EXPECT_EQ(m_undoText, "Sent again; the turn after it went.");
    m_undo();
    ASSERT_EQ(m_page->talk().turns().size(), 2u);
    EXPECT_EQ(answer(0)->text(), before);
    EXPECT_EQ(m_page->transcript().turn(1)->findChild<PlainText*>()->text(), "Two?");
}

TEST_F(ChatPageTest, EscapeLeavesAPromptAsItWas) {
    openWithModel();
    ask("One?");
    ChatTurnView* turn = m_page->transcript().turn(0);
    click(*turn, "Edit this prompt and send it again");
    auto* prompt = turn->findChild<PlainText*>();
    QTest::keyClicks(prompt, " or two");
    QTest::keyClick(prompt, Qt::Key_Escape);
    EXPECT_FALSE(turn->isEditing());
    EXPECT_EQ(prompt->text(), "One?");
    EXPECT_FALSE(m_page->talk().isAnswering());
}

TEST_F(ChatPageTest, ADeletedConversationComesBackByUndo) {
    const std::string id = keep("Trains that meet", {{"When do they meet?", "At noon."}});
    openWithModel();
    ASSERT_TRUE(waitUntil([this] { return rows() == 1; }));
    clickRow(0);
    ASSERT_TRUE(waitUntil([this] { return m_page->transcript().turn(0); }));
    QTest::keyClick(m_page->list().view(), Qt::Key_Delete);
    ASSERT_TRUE(waitUntil([this] { return rows() == 0; }));
    EXPECT_TRUE(m_page->talk().id().isEmpty());
    ASSERT_TRUE(m_undo);
    m_undo();
    ASSERT_TRUE(waitUntil([this] { return rows() == 1 && m_page->transcript().turn(0); }));
    EXPECT_EQ(m_page->talk().id().toStdString(), id);
    EXPECT_EQ(answer(0)->text(), "At noon.");
}

TEST_F(ChatPageTest, ShowsWhatAModelWroteLetterForLetter) {
    const QString text = "<b>bold</b> &amp; <img src=\"x\">\n  <a href=\"http://x\">link</a>\n\u00e9\u4e2d\U0001F99C";
    keep("Markup", {{"<i>Prompt</i>", text.toStdString()}});
    openWithModel();
    ASSERT_TRUE(waitUntil([this] { return rows() == 1; }));
    clickRow(0);
    ASSERT_TRUE(waitUntil([this] { return m_page->transcript().turn(0); }));
    EXPECT_EQ(answer(0)->text(), text);
    auto* shown = answer(0)->findChild<PlainText*>();
    QTextCursor cursor(shown->document());
    cursor.setPosition(5); // inside of what would be bold
    EXPECT_FALSE(cursor.charFormat().fontWeight() > QFont::Normal);
    EXPECT_TRUE(shown->document()->blockCount() == 3);
    EXPECT_EQ(m_page->transcript().turn(0)->findChild<PlainText*>()->text(), "<i>Prompt</i>");
}

TEST_F(ChatPageTest, RenamesInTheListAndFindsByWords) {
    keep("First", {{"Apples?", "Yes."}});
    keep("Second", {{"Pears?", "No."}});
    openWithModel();
    ASSERT_TRUE(waitUntil([this] { return rows() == 2; }));
    QAbstractItemModelTester tester(m_page->list().view()->model());
    QTest::keyClicks(m_page->list().search(), "apples");
    ASSERT_TRUE(waitUntil([this] { return rows() == 1; }));
    clickRow(0);
    QTest::keyClick(m_page->list().view(), Qt::Key_F2);
    auto* editor = m_page->list().view()->viewport()->findChild<QLineEdit*>();
    ASSERT_TRUE(editor);
    QTest::keyClicks(editor, "Fruit");
    QTest::keyClick(editor, Qt::Key_Return);
    m_page->list().search()->clear();
    ASSERT_TRUE(waitUntil([this] { return rows() == 2; }));
    const ChatStore store(m_studio.workshop()->folder(), StoreAccess::ReadOnly);
    ASSERT_TRUE(waitUntil([&] {
        const auto all = store.list();
        return all[0].settings.title == "Fruit" || all[1].settings.title == "Fruit";
    }));
}

TEST_F(ChatPageTest, ALongConversationStaysAtItsEndOnlyWhileTheEndIsInSight) {
    std::vector<std::pair<std::string, std::string>> said;
    for (int i = 0; i < 50; ++i)
        said.emplace_back("Prompt " + std::to_string(i), "An answer of\nseveral\nlines.");
    keep("Long", said);
    openWithModel();
    ASSERT_TRUE(waitUntil([this] { return rows() == 1; }));
    clickRow(0);
    ChatTranscript& transcript = m_page->transcript();
    QScrollBar* bar = transcript.verticalScrollBar();
    ASSERT_TRUE(waitUntil([&] { return transcript.turn(49) && bar->maximum() > 0 && transcript.isAtEnd(); }));
    EXPECT_FALSE(transcript.turn(0)) << "turns that nobody has scrolled to have been made";
    want(64);
    QTest::keyClicks(m_page->composer().editor(), "More?");
    QTest::keyClick(m_page->composer().editor(), Qt::Key_Return);
    ASSERT_TRUE(waitUntil([&] { return transcript.isAtEnd(); }));
    bar->setValue(bar->maximum() / 2);
    const int place = bar->value();
    waitForAnswers();
    QCoreApplication::processEvents();
    EXPECT_EQ(bar->value(), place);
    for (int i = 0; i < 5 && !transcript.turn(0); ++i) {
        bar->setValue(0);
        QTest::qWait(10);
    }
    EXPECT_TRUE(transcript.turn(0));
}

TEST_F(ChatPageTest, BeginsWithWhomAndWithWhatItIsTold) {
    addTiny();
    RunConfig config = smallRun();
    config.model = "tiny";
    const QString run = train(config);
    open();
    m_page->chatWith({.model = "tiny", .run = run, .adapter = {}, .suggestions = {"What is blue?"}});
    ASSERT_TRUE(waitUntil([this] { return m_page->talk().sides() == 2; }));
    EXPECT_FALSE(m_page->talk().settings().sides[0].adapter);
    EXPECT_TRUE(m_page->talk().settings().sides[1].adapter);
    want(8);
    click(*m_page, "Ask: What is blue?");
    ASSERT_TRUE(m_page->talk().isAnswering());
    waitForAnswers();
    EXPECT_EQ(m_page->talk().turns()[0].prompt, "What is blue?");
}

TEST_F(ChatPageTest, AMissingModelIsToldOfWhereTheAnswerWouldStand) {
    const std::filesystem::path copy = m_folder / "copy";
    std::filesystem::copy(modelPath(), copy, std::filesystem::copy_options::recursive);
    addModel(m_studio.workshop()->folder(), copy, std::string("tiny"));
    open();
    ASSERT_TRUE(waitUntil([this] { return m_page->talk().sides() > 0; }));
    std::filesystem::remove_all(copy);
    ask("What is blue?");
    bool isTold = false;
    for (const QLabel* label : answer(0)->findChildren<QLabel*>())
        isTold |= label->isVisible() && label->text().startsWith("No answer: ");
    EXPECT_TRUE(isTold);
    EXPECT_TRUE(m_page->talk().failure(0, 0));
}

TEST_F(ChatPageTest, AnswersWhileARunTrainsAndSaysThatBothAreSlower) {
    openWithModel();
    const auto notes = [this] {
        int shown = 0;
        for (const QLabel* label : m_page->findChildren<QLabel*>())
            shown += label->isVisible() && label->text().startsWith("A run is training");
        return shown;
    };
    EXPECT_EQ(notes(), 0);
    m_studio.training().start(smallRun(100000));
    EXPECT_EQ(notes(), 1);
    ASSERT_TRUE(waitUntil([this] { return m_studio.training().phase() == TrainingSession::Phase::Training; }));
    ask("What is blue?");
    EXPECT_FALSE(answer(0)->text().isEmpty());
    EXPECT_TRUE(m_studio.training().isActive());
    m_studio.training().stop();
    EXPECT_TRUE(waitUntil([&] { return !m_studio.training().isActive() && notes() == 0; }));
}

TEST_F(ChatPageTest, WithoutAPartnerThereIsNoSideBySide) {
    openWithModel();
    QAbstractButton* both = button(*m_page, "Who answers: Side by side");
    EXPECT_FALSE(both->isEnabled());
    EXPECT_FALSE(both->toolTip().isEmpty());
    addModel(m_studio.workshop()->folder(), modelPath(), std::string("other"));
    emit m_studio.modelsChanged();
    ASSERT_TRUE(waitUntil([&] { return both->isEnabled(); }));
    QTest::mouseClick(both, Qt::LeftButton);
    EXPECT_EQ(m_page->talk().sides(), 2);
    EXPECT_EQ(m_page->talk().settings().sides[1].model, "other");
}

TEST_F(ChatPageTest, TheSamplingAndTheSystemPromptGoWithTheNextQuestion) {
    openWithModel();
    ask("What is blue?");
    const QString first = answer(0)->text();
    for (auto* box : m_page->findChildren<QSpinBox*>())
        if (box->accessibleName().startsWith("Seed")) {
            box->setFocus();
            box->selectAll();
            QTest::keyClicks(box, "7");
            QTest::keyClick(box, Qt::Key_Return);
        }
    EXPECT_EQ(m_page->talk().settings().sampling.seed, 7u);
    click(*answer(0), "Answer again, with the model and the sampling of now");
    waitForAnswers();
    EXPECT_NE(answer(0)->text(), first);
    EXPECT_TRUE(answer(0)->label().contains("seed 7"));
    for (auto* editor : m_page->findChildren<QPlainTextEdit*>())
        if (editor->accessibleName() == "System prompt")
            QTest::keyClicks(editor, "Be brief.");
    ask("And red?"); // at once: it counts though it has just been written
    EXPECT_EQ(m_page->talk().settings().systemPrompt, "Be brief.");
    click(*m_page, "Reset the sampling and the system prompt");
    EXPECT_EQ(m_page->talk().settings().sampling, ChatSampling());
    EXPECT_FALSE(m_page->talk().settings().systemPrompt);
}

TEST_F(ChatPageTest, ASystemPromptBelongsToTheConversationInWhichItIsWritten) {
    openWithModel();
    ask("One?");
    click(*m_page, "New conversation");
    ask("Two?");
    ASSERT_TRUE(waitUntil([this] { return rows() == 2; }));
    QPlainTextEdit* prompt = nullptr;
    for (auto* edit : m_page->findChildren<QPlainTextEdit*>())
        if (edit->accessibleName() == "System prompt")
            prompt = edit;
    ASSERT_TRUE(prompt);
    QTest::keyClicks(prompt, "Be brief.");
    const QString second = m_page->talk().id();
    clickRow(1);
    ASSERT_TRUE(waitUntil([&] { return !m_page->talk().id().isEmpty() && m_page->talk().id() != second; }));
    EXPECT_EQ(prompt->toPlainText(), "");
    QTest::qWait(500); // longer than one who writes pauses
    EXPECT_FALSE(m_page->talk().settings().systemPrompt);
    clickRow(0);
    ASSERT_TRUE(waitUntil([&] { return m_page->talk().id() == second; }));
    EXPECT_EQ(m_page->talk().settings().systemPrompt, "Be brief.");
}

TEST_F(ChatPageTest, TheListOfModelsStaysOpenWhileNothingOfItChanges) {
    openWithModel();
    QComboBox* source = m_page->header(0).source();
    source->showPopup();
    const QModelIndex chosen = source->model()->index(1, 0, source->rootModelIndex());
    const QPersistentModelIndex kept(chosen);
    emit m_studio.modelsChanged();
    QTest::qWait(200);
    EXPECT_TRUE(kept.isValid()) << "the items are the ones that were there";
    source->hidePopup();
}

TEST_F(ChatPageTest, ADatabaseThatCannotBeReadTakesNoModelAway) {
    addTiny();
    std::ofstream(dataFolder() / "lorikeet.db") << "no database at all, but long enough to look like one to sqlite, "
                                                   "which reads a header of a hundred bytes first of all things";
    open();
    ASSERT_TRUE(waitUntil([this] { return m_page->talk().sides() > 0; }));
    EXPECT_EQ(m_page->talk().settings().sides[0].model, "tiny");
}

TEST_F(ChatPageTest, GoingAwayInTheMiddleOfAnAnswerKeepsWhatWasSaid) {
    openWithModel(200);
    QTest::keyClicks(m_page->composer().editor(), "Tell me more.");
    QTest::keyClick(m_page->composer().editor(), Qt::Key_Return);
    ASSERT_TRUE(waitUntil([this] { return !answer(0)->text().isEmpty(); }));
    const std::string said = answer(0)->text().toStdString();
    m_page.reset();
    const ChatStore store(m_studio.workshop()->folder(), StoreAccess::ReadOnly);
    ASSERT_EQ(store.list().size(), 1u);
    const std::vector<ChatTurn> turns = store.turns(store.list()[0].id);
    ASSERT_EQ(turns.size(), 1u);
    ASSERT_TRUE(turns[0].answers.at(0));
    EXPECT_TRUE(turns[0].answers[0]->text.starts_with(said));
}

TEST_F(ChatPageTest, AModelWithoutAChatTemplateSaysThatItContinuesText) {
    const std::filesystem::path copy = m_folder / "copy";
    std::filesystem::copy(modelPath(), copy, std::filesystem::copy_options::recursive);
    std::ofstream(copy / "tokenizer_config.json") << R"({"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"})";
    addModel(m_studio.workshop()->folder(), copy, std::string("plain"));
    open();
    ASSERT_TRUE(waitUntil([this] { return m_page->talk().sides() > 0; }));
    want(8);
    ask("What is blue?");
    EXPECT_FALSE(m_page->talk().failure(0, 0));
    EXPECT_TRUE(m_page->header(0).facts().contains("no chat template: continues plain text"));
}

TEST_F(ChatPageTest, EveryControlHasANameAndCanBeReached) {
    openWithModel();
    ask("What is blue?");
    EXPECT_EQ(inaccessibleControls(*m_page), QStringList());
}

} // namespace
} // namespace lorikeet::ui
