// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QComboBox>
#include <QListView>
#include <QPlainTextEdit>
#include <QTest>

#include "core/jobs/model_library.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/pages/chat_answer_view.h"
#include "ui/pages/chat_composer.h"
#include "ui/pages/chat_page.h"
#include "ui/pages/chat_side_header.h"
#include "ui/pages/chat_transcript.h"
#include "ui/pages/chat_turn_view.h"

namespace lorikeet::ui {
namespace {

using ChatCheckpointTest = StudioTest;

TEST_F(ChatCheckpointTest, TheBestIsChosenByClicksAndAnswers) {
    addModel(m_studio.workshop()->folder(), modelPath(), std::string("tiny"));
    RunConfig run = smallRun();
    run.model = "tiny";
    run.name = "colours";
    run.every.save = 1;
    train(run);
    RunStore& store = m_studio.workshop()->runs();
    const std::string id = store.list().at(0).id;
    for (const auto& [step, loss] : {std::pair(1, 0.9), std::pair(2, 0.4), std::pair(3, 0.7)})
        store.recordEvaluation(id, {step, loss});

    Navigator navigator;
    ChatPage page(m_studio, navigator);
    page.resize(1240, 900);
    page.show();
    page.activateWindow();
    ASSERT_TRUE(waitUntil([&] { return page.talk().sides() == 2; }));
    QComboBox* step = page.header(1).step();
    ASSERT_TRUE(waitUntil([step] { return step->findText("Step 2, best") >= 0; }));
    EXPECT_EQ(step->findText("best", Qt::MatchEndsWith), step->findText("Step 2, best"));

    QTest::mouseClick(step, Qt::LeftButton);
    QAbstractItemView* list = step->view();
    ASSERT_TRUE(waitUntil([list] { return list->isVisible(); }));
    const QPoint row = list->visualRect(list->model()->index(step->findText("Step 2, best"), 0)).center();
    QTest::mouseMove(list->viewport(), row);
    QTest::qWait(QApplication::doubleClickInterval()); // a list that has just opened takes no click
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, row);
    EXPECT_EQ(page.talk().settings().sides[1].step, 2);

    ChatSampling sampling = page.talk().settings().sampling;
    sampling.maxNewTokens = 4;
    page.talk().setSampling(sampling);
    QTest::keyClicks(page.composer().editor(), "What is blue?");
    QTest::keyClick(page.composer().editor(), Qt::Key_Return);
    ASSERT_TRUE(waitUntil([&] { return !page.talk().isAnswering() && !page.talk().id().isEmpty(); }));
    const QString label = page.transcript().turn(0)->answer(1)->label();
    EXPECT_TRUE(label.startsWith("colours, step 2")) << label.toStdString();
}

} // namespace
} // namespace lorikeet::ui
