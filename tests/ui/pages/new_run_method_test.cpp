// SPDX-License-Identifier: GPL-3.0-or-later
// What is trained, as the form of a new run has it.
#include <QCheckBox>

#include "core/runs/run_store.h"
#include "tests/ui/pages/new_run_fixture.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/reset_dot.h"

namespace lorikeet::ui {
namespace {

TEST_F(NewRunPageTest, FullFinetuningHasNoAdapterAndTheWayBackHasItAgain) {
    RunConfig wanted = smallRun();
    wanted.quantization.type = QuantType::Fp4;
    wanted.lora.rank = 32;
    wanted.training.learningRate = 2e-5;
    m_page->fill(wanted);
    waitUntilReady();
    EXPECT_TRUE(named<NumberEdit>("Rank")->isVisible());
    QPushButton* full = named<QPushButton>("Method: Full");
    ASSERT_TRUE(full);
    EXPECT_TRUE(full->toolTip().contains("16 bytes"));
    QTest::mouseClick(full, Qt::LeftButton);
    RunConfig expected = wanted;
    expected.method = Method::Full;
    expected.quantization = quantizationFor(Method::Full);
    expected.lora = {};
    EXPECT_EQ(config(), expected);
    EXPECT_FALSE(named<NumberEdit>("Rank")->isVisible());
    EXPECT_FALSE(named<QPushButton>("Data type of the base: FP4")->isVisible());
    waitFor([this] { return shows("100 % of the model"); });
    waitUntilReady();

    QTest::mouseClick(named<QPushButton>("Method: LoRA"), Qt::LeftButton);
    expected = wanted;
    expected.quantization.type = QuantType::None;
    EXPECT_EQ(config(), expected);
    QTest::mouseClick(full, Qt::LeftButton);
    auto* dot = named<ResetDot>("Method: Reset to the default, QLoRA");
    ASSERT_TRUE(dot && dot->isVisible());
    QTest::mouseClick(dot, Qt::LeftButton);
    EXPECT_EQ(config(), wanted);
    QTest::keySequence(m_page.get(), QKeySequence::Undo);
    EXPECT_EQ(config().method, Method::Full);
    EXPECT_FALSE(named<NumberEdit>("Rank")->isVisible());

    // Of a full finetuning the simple form says so, too.
    QTest::mouseClick(named<QPushButton>("Settings shown: Simple"), Qt::LeftButton);
    EXPECT_TRUE(full->isVisible());
    QTest::mouseClick(named<QPushButton>("Method: QLoRA"), Qt::LeftButton);
    EXPECT_FALSE(full->isVisible());
    EXPECT_TRUE(named<NumberEdit>("Rank")->isVisible());
}

TEST_F(NewRunPageTest, BlocksThatAreChosenByThemselvesWaitWhileNothingIsQuantized) {
    RunConfig wanted = smallRun();
    wanted.quantization.blocksize.reset();
    wanted.quantization.bitsPerParameter = 4.2;
    m_page->fill(wanted);
    for (const char* method : {"Method: LoRA", "Method: Full"}) {
        QTest::mouseClick(named<QPushButton>(method), Qt::LeftButton);
        EXPECT_EQ(config().quantization, quantizationFor(Method::Full));
        EXPECT_TRUE(violationsOf(config()).empty());
    }
    QTest::mouseClick(named<QPushButton>("Method: QLoRA"), Qt::LeftButton);
    EXPECT_EQ(config(), wanted);
}

TEST_F(NewRunPageTest, AFullFinetuningRunsToItsEnd) {
    QString wanted;
    QObject::connect(&m_navigator, &Navigator::runWanted, [&](const QString& run) { wanted = run; });
    m_page->fill(smallRun());
    waitUntilReady();
    QTest::mouseClick(named<QPushButton>("Method: Full"), Qt::LeftButton);
    waitFor([this] { return button("Use 2e-5") && button("Use 2e-5")->isVisible(); });
    QTest::mouseClick(button("Use 2e-5"), Qt::LeftButton);
    waitUntilReady();
    QTest::mouseClick(button("Start run"), Qt::LeftButton);
    waitFor([&] { return m_studio.runs().find(wanted) && m_studio.runs().find(wanted)->state == RunState::Finished; });
    const RunRecord& record = *m_studio.runs().find(wanted);
    EXPECT_EQ(record.method, "full");
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(record.adapter.value_or("")) / "model.safetensors"));
}

TEST_F(NewRunPageTest, DoraAndWholeModulesAreChosenWithTheAdapter) {
    m_page->fill(smallRun());
    waitUntilReady();
    QTest::mouseClick(named<QCheckBox>("DoRA"), Qt::LeftButton, {}, {8, 8});
    EXPECT_TRUE(config().lora.useDora);
    ASSERT_TRUE(button("lm_head"));
    EXPECT_FALSE(button("lm_head")->isChecked());
    QTest::mouseClick(button("lm_head"), Qt::LeftButton);
    QTest::mouseClick(button("norm"), Qt::LeftButton);
    EXPECT_EQ(config().lora.modulesToSave, (std::vector<std::string>{"lm_head", "norm"}));
    QTest::mouseClick(button("lm_head"), Qt::LeftButton);
    EXPECT_EQ(config().lora.modulesToSave, std::vector<std::string>{"norm"});
    waitUntilReady();
    QTest::keySequence(m_page.get(), QKeySequence::Undo);
    EXPECT_TRUE(button("lm_head")->isChecked());

    RunConfig other = smallRun();
    other.lora.modulesToSave = {"mlp"}; // of a run file: shown, and refused with the way out
    m_page->fill(other);
    EXPECT_TRUE(button("mlp")->isChecked());
    waitFor([this] { return shows("These modules cannot be trained as a whole"); });
    QTest::mouseClick(button("Train no module as a whole"), Qt::LeftButton);
    EXPECT_EQ(config(), smallRun());
}

} // namespace
} // namespace lorikeet::ui
