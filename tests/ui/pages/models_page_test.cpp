// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDropEvent>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QTest>

#include <filesystem>

#include "core/jobs/model_library.h"
#include "core/jobs/perplexity_study.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/charts/group_chart.h"
#include "ui/charts/histogram.h"
#include "ui/pages/model_perplexity_card.h"
#include "ui/pages/models_page.h"
#include "ui/pages/navigator.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

class ModelsPageTest : public StudioTest {
protected:
    const DataFolder& folder() const { return m_studio.workshop()->folder(); }
    void open() {
        m_page = std::make_unique<ModelsPage>(m_studio, m_navigator);
        m_page->resize(1240, 900);
        m_page->show();
    }
    /// A page whose library holds the tiny model.
    void openWithModel() {
        std::filesystem::copy(modelPath(), m_folder / "tiny", std::filesystem::copy_options::recursive);
        addModel(folder(), m_folder / "tiny");
        open();
        waitFor([&] { return models()->model()->rowCount() == 1; });
    }
    template <typename Condition>
    void waitFor(Condition condition) {
        ASSERT_TRUE(waitUntil(condition));
    }
    QTableView* table(const QString& name) const {
        for (QTableView* one : m_page->findChildren<QTableView*>())
            if (one->accessibleName() == name)
                return one;
        return nullptr;
    }
    QTableView* models() const { return table("Models"); }
    QTableView* tensors() const { return table("Tensors"); }
    QTableView* errors() const { return table("Relative error by type and blocksize"); }
    ModelPerplexityCard* perplexity() const { return m_page->findChild<ModelPerplexityCard*>(); }
    GroupChart* perplexities() const { return perplexity()->findChild<GroupChart*>(); }
    void chooseText(const QString& now, const std::string& path) {
        auto* text = qobject_cast<QPushButton*>(button(*perplexity(), "Text to predict: " + now));
        ASSERT_TRUE(text);
        text->menu()->actions().last()->trigger();
        auto* dialog = perplexity()->findChild<QFileDialog*>();
        ASSERT_TRUE(dialog);
        emit dialog->fileSelected(QString::fromStdString(path));
        dialog->close();
        waitFor([&] { return !perplexity()->findChild<QFileDialog*>(); });
    }
    bool shows(const QString& words) const {
        for (const QLabel* label : m_page->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(words))
                return true;
        return false;
    }
    void click(const QString& words) {
        QAbstractButton* seen = nullptr;
        waitFor([&] {
            seen = button(*m_page, words);
            return seen && seen->isVisible();
        });
        QTest::mouseClick(seen, Qt::LeftButton);
    }

    Navigator m_navigator;
    std::unique_ptr<ModelsPage> m_page;
};

TEST_F(ModelsPageTest, AnEmptyLibraryOffersTheStarterModel) {
    open();
    waitFor([&] { return shows("No models yet"); });
    EXPECT_TRUE(button(*m_page, "Fetch the starter model"));
}

TEST_F(ModelsPageTest, ShowsWhatTheConfigurationAndTheFilesSay) {
    openWithModel();
    EXPECT_EQ(models()->model()->index(0, 0).data().toString(), "tiny");
    EXPECT_EQ(models()->model()->index(0, 1).data().toString(), "llama");
    EXPECT_TRUE(models()->model()->index(0, 3).data().toString().startsWith("safetensors"));
    waitFor([&] { return shows("Hidden size"); });
    const ModelInspection facts = inspectModel(m_folder / "tiny");
    EXPECT_EQ(tensors()->model()->rowCount(), int(facts.tensors.size()));
}

TEST_F(ModelsPageTest, FiltersTensorsAndShowsTheWeightsOfTheChosenOne) {
    openWithModel();
    auto* filter = m_page->findChild<QLineEdit*>();
    for (QLineEdit* edit : m_page->findChildren<QLineEdit*>())
        if (edit->accessibleName().startsWith("Filter tensors"))
            filter = edit;
    const int all = tensors()->model()->rowCount();
    QTest::keyClicks(filter, "embed");
    EXPECT_LT(tensors()->model()->rowCount(), all);
    ASSERT_GT(tensors()->model()->rowCount(), 0);
    QTest::mouseClick(tensors()->viewport(), Qt::LeftButton, {},
                      tensors()->visualRect(tensors()->model()->index(0, 0)).center());
    waitFor([&] { return shows("standard deviation"); });
    auto* histogram = m_page->findChild<Histogram*>();
    double values = 0.0;
    const ChartTable counts = histogram->table();
    for (const double count : counts.columns[2].values)
        values += count;
    EXPECT_GT(values, 100.0);
}

TEST_F(ModelsPageTest, MeasuresWhatEachWayToQuantizeCosts) {
    openWithModel();
    waitFor([&] { return errors()->model()->rowCount() == 4; });
    const auto error = [&](int row) {
        return errors()->model()->index(row, 2).data().toString().chopped(2).toDouble();
    };
    EXPECT_GT(error(0), error(3)); // NF4 and INT8
    for (SegmentedControl* scope : m_page->findChildren<SegmentedControl*>())
        if (scope->accessibleName() == "Of which weights")
            QTest::mouseClick(scope->segment(1), Qt::LeftButton);
    EXPECT_EQ(errors()->model()->rowCount(), 0);
    waitFor([&] { return errors()->model()->rowCount() == 4; });
}

TEST_F(ModelsPageTest, ComparesQuantizationsByPerplexity) {
    openWithModel();
    click("Compare quantizations");
    waitFor([&] { return shows("tokens, "); });
    const ChartTable found = perplexities()->table();
    ASSERT_EQ(found.rows(), 17); // four types in four blocksizes, and 16 bits
    ASSERT_EQ(perplexities()->groups().size(), 5U);
    PerplexityStudyRequest same;
    same.model = (m_folder / "tiny").string();
    same.text = starterText();
    same.types = {QuantType::Fp4};
    same.blocksizes = {128};
    same.mostTokens = 2048;
    const PerplexityStudy expected = studyPerplexity(*m_studio.workshop(), same);
    const auto row = found.columns[0].texts.indexOf("FP4") + 2;
    EXPECT_EQ(found.columns[1].values[size_t(row)], 128.0);
    EXPECT_EQ(found.columns[2].values[size_t(row)], expected.cases[0].bitsPerParameter);
    EXPECT_EQ(found.columns[4].values[size_t(row)], expected.cases[0].perplexity);

    perplexities()->setFocus();
    QTest::keyClick(perplexities(), Qt::Key_Home);
    EXPECT_TRUE(perplexities()->accessibleDescription().startsWith("Not quantized: perplexity "));
    QTest::keyClick(perplexities(), Qt::Key_End);
    EXPECT_TRUE(perplexities()->accessibleDescription().startsWith("INT4, blocks of 32: perplexity "));
    QAbstractButton* asTable = button(*perplexity(), "Show as a table");
    asTable->setFocus();
    QTest::keyClick(asTable, Qt::Key_Space);
    waitFor([&] { return perplexity()->table()->isVisible() && perplexity()->table()->model()->rowCount() == 17; });
    EXPECT_EQ(perplexity()->table()->model()->index(int(row), 0).data().toString(), "FP4");
}

TEST_F(ModelsPageTest, AComparisonOfATextOfOnesOwnIsCancelled) {
    openWithModel();
    waitFor([&] { return perplexity()->isVisible(); });
    std::string text;
    for (int i = 0; i < 4000; ++i)
        text += "The sky is blue. ";
    chooseText("Starter dataset", writeFile("sky.txt", text));
    QAbstractButton* compare = button(*perplexity(), "Compare quantizations");
    QTest::mouseClick(compare, Qt::LeftButton);
    EXPECT_FALSE(compare->isEnabled());
    QTest::mouseClick(button(*perplexity(), "Cancel the comparison of quantizations"), Qt::LeftButton);
    EXPECT_TRUE(shows("Cancelled."));
    EXPECT_TRUE(compare->isEnabled());
    EXPECT_TRUE(button(*perplexity(), "Text to predict: sky.txt")->text().contains("sky.txt"));
    EXPECT_LT(perplexities()->table().rows(), 17);

    chooseText("sky.txt", (m_folder / "gone.txt").string());
    click("Compare quantizations");
    waitFor([&] { return shows("gone.txt: it cannot be read"); });
}

TEST_F(ModelsPageTest, TakesAFolderThatIsDroppedAndRefusesWhatIsNoModel) {
    open();
    waitFor([&] { return shows("No models yet"); });
    QMimeData dropped;
    dropped.setUrls({QUrl::fromLocalFile(QString::fromStdString(modelPath()))});
    QDragEnterEvent enter({600, 300}, Qt::CopyAction, &dropped, Qt::LeftButton, {});
    QCoreApplication::sendEvent(m_page.get(), &enter);
    EXPECT_TRUE(enter.isAccepted());
    QDropEvent drop({600, 300}, Qt::CopyAction, &dropped, Qt::LeftButton, {});
    QCoreApplication::sendEvent(m_page.get(), &drop);
    waitFor([&] { return models()->model()->rowCount() == 1; });
    m_page->add({QString::fromStdString(writeFile("notes.gguf", "no model"))});
    waitFor([&] { return shows("notes.gguf"); });
    EXPECT_EQ(models()->model()->rowCount(), 1);
}

TEST_F(ModelsPageTest, OneThatIsNoModelKeepsNoOtherOut) {
    open();
    waitFor([&] { return shows("No models yet"); });
    m_page->add({QString::fromStdString(writeFile("first.gguf", "no model")), QString::fromStdString(modelPath()),
                 QString::fromStdString(writeFile("last.gguf", "no model"))});
    waitFor([&] { return models()->model()->rowCount() == 1 && shows("last.gguf"); });
    EXPECT_TRUE(shows("first.gguf"));
}

TEST_F(ModelsPageTest, NothingThatWasComputedOfAnotherModelIsShown) {
    openWithModel();
    waitFor([&] { return errors()->model()->rowCount() == 4 && shows("standard deviation"); });
    QLineEdit* filter = nullptr;
    for (QLineEdit* edit : m_page->findChildren<QLineEdit*>())
        if (edit->accessibleName().startsWith("Filter tensors"))
            filter = edit;
    for (SegmentedControl* scope : m_page->findChildren<SegmentedControl*>())
        if (scope->accessibleName() == "Of which weights")
            QTest::mouseClick(scope->segment(1), Qt::LeftButton);
    waitFor([&] { return errors()->model()->rowCount() == 4; });
    QTest::keyClicks(filter, "no tensor is called so");
    std::filesystem::copy(modelPath(), m_folder / "zwei", std::filesystem::copy_options::recursive);
    m_page->add({QString::fromStdString((m_folder / "zwei").string())});
    waitFor([&] { return models()->model()->rowCount() == 2 && models()->currentIndex().row() == 1; });
    EXPECT_FALSE(shows("standard deviation"));
    EXPECT_EQ(m_page->findChild<Histogram*>()->table().rows(), 0);
    EXPECT_EQ(errors()->model()->rowCount(), 0); // of all layers, anew
    waitFor([&] { return errors()->model()->rowCount() == 4; });
}

TEST_F(ModelsPageTest, FilesThatAreReplacedAreReadAnew) {
    openWithModel();
    waitFor([&] { return shows("Unknown"); });
    writeFile("tiny/README.md", "---\nlicense: apache-2.0\n---\n");
    emit m_studio.modelsChanged();
    waitFor([&] { return shows("apache-2.0"); });
    EXPECT_EQ(models()->model()->index(0, 5).data().toString(), "apache-2.0");
}

TEST_F(ModelsPageTest, ALinkThatIsRemovedComesBackByUndo) {
    openWithModel();
    std::function<void()> undo;
    QObject::connect(&m_navigator, &Navigator::undoOffered, m_page.get(),
                     [&](const QString&, const std::function<void()>& back) { undo = back; });
    models()->setFocus();
    QTest::keyClick(models(), Qt::Key_Delete);
    waitFor([&] { return shows("No models yet"); });
    ASSERT_TRUE(undo);
    undo();
    waitFor([&] { return models()->model()->rowCount() == 1; });
    EXPECT_TRUE(std::filesystem::exists(m_folder / "tiny" / "config.json"));
}

TEST_F(ModelsPageTest, AsksBeforeItDeletesFiles) {
    std::filesystem::create_directories(folder().models());
    std::filesystem::copy(modelPath(), folder().models() / "owned", std::filesystem::copy_options::recursive);
    open();
    waitFor([&] { return models()->model()->rowCount() == 1; });
    models()->setFocus();
    QTest::keyClick(models(), Qt::Key_Delete);
    auto* question = m_page->findChild<QMessageBox*>();
    ASSERT_TRUE(question);
    EXPECT_TRUE(std::filesystem::exists(folder().models() / "owned"));
    QTest::mouseClick(button(*question, "Delete files"), Qt::LeftButton);
    waitFor([&] { return shows("No models yet"); });
    EXPECT_FALSE(std::filesystem::exists(folder().models() / "owned"));
}

TEST_F(ModelsPageTest, SaysThatFilesAreGone) {
    openWithModel();
    std::filesystem::rename(m_folder / "tiny", m_folder / "elsewhere");
    emit m_studio.modelsChanged();
    waitFor([&] { return shows("Its files are gone."); });
    EXPECT_FALSE(button(*m_page, "Use in a new run")->isEnabled());
}

TEST_F(ModelsPageTest, HandsTheModelToARunAndToAChat) {
    openWithModel();
    std::string run;
    QString chat;
    QObject::connect(&m_navigator, &Navigator::newRunWanted, m_page.get(),
                     [&](const RunConfig& config) { run = config.model; });
    QObject::connect(&m_navigator, &Navigator::chatWanted, m_page.get(),
                     [&](const ChatTarget& target) { chat = target.model; });
    click("Use in a new run");
    click("Chat");
    EXPECT_EQ(run, "tiny");
    EXPECT_EQ(chat, "tiny");
}

TEST_F(ModelsPageTest, EveryControlHasAName) {
    openWithModel();
    EXPECT_EQ(inaccessibleControls(*m_page).join('\n').toStdString(), "");
}

} // namespace
} // namespace lorikeet::ui
