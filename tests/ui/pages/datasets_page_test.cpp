// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTest>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>

#include "core/jobs/dataset_library.h"
#include "core/jobs/model_library.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/charts/histogram.h"
#include "ui/pages/datasets_page.h"
#include "ui/pages/navigator.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/token_view.h"

namespace lorikeet::ui {
namespace {

class DatasetsPageTest : public StudioTest {
protected:
    DatasetsPageTest() { addModel(folder(), modelPath(), "tiny"); }

    const DataFolder& folder() const { return m_studio.workshop()->folder(); }

    QString writeRows(const std::string& name, const std::string& content) {
        return QString::fromStdString(writeFile(name, content));
    }
    /// Three rows, of which the second is long and the third has no answer.
    QString writeQuestions() {
        std::string longAnswer;
        for (int i = 0; i < 40; ++i)
            longAnswer += "The grass is green. ";
        return writeRows("questions.jsonl", R"({"question": "What is blue?", "answer": "The sky.", "note": "n1"})"
                                            "\n"
                                            R"({"question": "What is green?", "answer": ")" +
                                                longAnswer +
                                                R"(", "note": "n2"})"
                                                "\n"
                                                R"({"question": "What is red?", "answer": "", "note": "n3"})"
                                                "\n");
    }

    void open() {
        m_page = std::make_unique<DatasetsPage>(m_studio, m_navigator);
        m_page->resize(1240, 900);
        m_page->show();
        waitFor([&] { return list()->model()->rowCount() > 0; });
    }
    template <typename Condition>
    void waitFor(Condition condition) {
        ASSERT_TRUE(waitUntil(condition));
    }
    template <typename Kind>
    Kind* named(const QString& accessibleName) const {
        for (Kind* one : m_page->findChildren<Kind*>())
            if (one->accessibleName() == accessibleName)
                return one;
        ADD_FAILURE() << "no control is called " << accessibleName.toStdString();
        return nullptr;
    }
    QListView* list() const { return named<QListView>("Datasets"); }
    TokenView* trained() const { return named<TokenView>("The row's tokens, the trained ones underlined"); }
    /// The text of the tokens in this state.
    QString text(TokenText::State state) const {
        QString found;
        for (const TokenText& token : trained()->tokens())
            if (token.state == state)
                found += token.text;
        return found;
    }
    QString current() const { return list()->currentIndex().data().toString(); }
    bool shows(const QString& words) const {
        for (const QLabel* label : m_page->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(words))
                return true;
        return false;
    }
    void chooseItem(QComboBox* combo, const QString& item) {
        const int index = combo->findText(item);
        ASSERT_GE(index, 0) << item.toStdString();
        combo->setCurrentIndex(index);
        emit combo->activated(index);
    }
    /// Clicks a button as soon as it is seen.
    void click(const QString& words) {
        QAbstractButton* seen = nullptr;
        waitFor([&] {
            seen = button(*m_page, words);
            return seen && seen->isVisible();
        });
        QTest::mouseClick(seen, Qt::LeftButton);
    }
    void addQuestions() {
        open();
        m_page->add({writeQuestions()});
        waitFor([&] { return text(TokenText::State::Trained).contains("The sky."); });
    }

    Navigator m_navigator;
    std::unique_ptr<DatasetsPage> m_page;
};

TEST_F(DatasetsPageTest, ShowsTheStarterDatasetWithWhatIsTrained) {
    open();
    EXPECT_EQ(current(), "starter");
    waitFor([&] { return !text(TokenText::State::Trained).isEmpty(); });
    EXPECT_TRUE(text(TokenText::State::Read).contains("<|im_start|>user"));
    waitFor([&] { return shows("Trained tokens") && shows("Longest row"); });
    EXPECT_FALSE(named<QComboBox>("Format of the rows")->isEnabled());
}

TEST_F(DatasetsPageTest, AddsFilesByTheDialogAndSelectsThem) {
    open();
    const QString file = writeQuestions();
    QTest::keyClick(m_page.get(), Qt::Key_O, Qt::ControlModifier);
    waitFor([&] { return m_page->findChild<QFileDialog*>() != nullptr; });
    auto* dialog = m_page->findChild<QFileDialog*>();
    emit dialog->filesSelected({file});
    dialog->close();
    waitFor([&] { return current() == "questions"; });
    EXPECT_EQ(getDataset(folder(), "questions").rows, 3);
}

TEST_F(DatasetsPageTest, TakesFilesThatAreDropped) {
    open();
    QMimeData dropped;
    dropped.setUrls({QUrl::fromLocalFile(writeQuestions())});
    QDragEnterEvent enter({600, 300}, Qt::CopyAction, &dropped, Qt::LeftButton, {});
    QCoreApplication::sendEvent(m_page.get(), &enter);
    EXPECT_TRUE(enter.isAccepted());
    QDropEvent drop({600, 300}, Qt::CopyAction, &dropped, Qt::LeftButton, {});
    QCoreApplication::sendEvent(m_page.get(), &drop);
    waitFor([&] { return current() == "questions"; });
}

TEST_F(DatasetsPageTest, AFileThatHoldsNoRowsIsRefusedInItsPlace) {
    open();
    m_page->add({writeRows("broken.parquet", "PAR1")});
    waitFor([&] { return shows("broken.parquet"); });
    EXPECT_EQ(list()->model()->rowCount(), 1);
}

TEST_F(DatasetsPageTest, AnotherRoleChangesTheMaskAtOnceAndIsKept) {
    addQuestions();
    EXPECT_TRUE(text(TokenText::State::Read).contains("What is blue?"));
    chooseItem(named<QComboBox>("Role of the column note"), "Answer");
    waitFor([&] { return text(TokenText::State::Trained).contains("n1"); });
    EXPECT_FALSE(text(TokenText::State::Trained).contains("The sky."));
    EXPECT_EQ(named<QComboBox>("Role of the column answer")->currentText(), "Ignore");
    waitFor([&] { return getDataset(folder(), "questions").data.columns["completion"] == "note"; });
}

TEST_F(DatasetsPageTest, AnotherFormatChangesTheRolesAndAMissingOneIsSaid) {
    addQuestions();
    auto* format = named<QComboBox>("Format of the rows");
    EXPECT_EQ(format->currentText(), "Prompt/completion, detected");
    chooseItem(format, "Raw text");
    waitFor([&] { return shows("The columns do not fit."); });
    chooseItem(named<QComboBox>("Role of the column answer"), "Text");
    waitFor([&] { return text(TokenText::State::Trained).contains("sky."); });
    EXPECT_FALSE(shows("The columns do not fit."));
    EXPECT_FALSE(text(TokenText::State::Read).contains("What is blue?"));
}

TEST_F(DatasetsPageTest, AColumnOfAUsualNameStaysIgnored) {
    open();
    m_page->add({writeRows("alpaca.jsonl", R"({"instruction": "Add.", "input": "1 and 2", "output": "3"})")});
    waitFor([&] { return text(TokenText::State::Read).contains("1 and 2"); });
    chooseItem(named<QComboBox>("Role of the column input"), "Ignore");
    waitFor([&] { return !text(TokenText::State::Read).contains("1 and 2"); });
    EXPECT_EQ(named<QComboBox>("Role of the column input")->currentText(), "Ignore");
    EXPECT_TRUE(text(TokenText::State::Trained).contains("3"));
    waitFor([&] { return getDataset(folder(), "alpaca").data.columns.contains("input"); });
    chooseItem(named<QComboBox>("Role of the column output"), "Ignore");
    waitFor([&] { return shows("The columns do not fit."); });
    chooseItem(named<QComboBox>("Role of the column output"), "Answer");
    waitFor([&] { return text(TokenText::State::Trained).contains("3"); });
}

TEST_F(DatasetsPageTest, AColumnHoldsTheSystemPrompt) {
    addQuestions();
    chooseItem(named<QComboBox>("Role of the column note"), "System prompt");
    waitFor([&] { return text(TokenText::State::Read).contains("system\nn1"); });
    waitFor([&] { return getDataset(folder(), "questions").data.columns["system"] == "note"; });
}

TEST_F(DatasetsPageTest, WhatIsCutOffIsShownAsSuchInBothTokenForms) {
    addQuestions();
    named<QSpinBox>("Sequence length")->setValue(150);
    named<QSpinBox>("Row")->setValue(2);
    waitFor([&] { return text(TokenText::State::CutOff).endsWith("<|im_end|>\n"); });
    EXPECT_TRUE(shows("Cut off, "));
    m_page->findChild<QTabBar*>()->setCurrentIndex(2);
    const auto tokens = named<TokenView>("The row's tokens")->tokens();
    EXPECT_EQ(tokens.front().state, TokenText::State::Read);
    EXPECT_EQ(tokens.at(149).state, TokenText::State::Read);
    EXPECT_EQ(tokens.at(150).state, TokenText::State::CutOff);
}

TEST_F(DatasetsPageTest, AnotherNameKeepsWhatIsShown) {
    addQuestions();
    named<QSpinBox>("Row")->setValue(2);
    waitFor([&] { return text(TokenText::State::Read).contains("What is green?"); });
    for (QAction* action : m_page->findChildren<QAction*>())
        if (action->text() == "Rename")
            action->trigger();
    auto* name = named<QLineEdit>("Name of the dataset");
    name->setText("other");
    emit m_studio.datasetsChanged(); // something else has changed meanwhile
    QTest::qWait(100);
    ASSERT_TRUE(name->isVisible()) << "what is being written stays";
    QTest::keyClick(name, Qt::Key_Return);
    waitFor([&] { return current() == "other"; });
    EXPECT_EQ(named<QSpinBox>("Row")->value(), 2);
    EXPECT_TRUE(text(TokenText::State::Read).contains("What is green?"));
}

TEST_F(DatasetsPageTest, AFileThatHasChangedIsReadAgain) {
    addQuestions();
    writeRows("questions.jsonl", "{\"question\": \"Who?\", \"answer\": \"You.\"}\n"
                                 "{\"question\": \"And who?\", \"answer\": \"Me.\"}\n");
    QTest::keyClick(m_page.get(), Qt::Key_Down, Qt::AltModifier);
    waitFor([&] { return text(TokenText::State::Trained).contains("Me."); });
    EXPECT_TRUE(shows("of 2"));
}

TEST_F(DatasetsPageTest, AFileThatCannotBeReadCannotBeUsed) {
    const QString file = writeQuestions();
    DataConfig config;
    config.train = file.toStdString();
    addDataset(folder(), config);
    writeRows("questions.jsonl", "");
    open();
    m_page->select("questions");
    waitFor([&] { return shows("questions.jsonl"); });
    waitFor([&] { return !named<QPushButton>("Use in a new run")->isEnabled(); });
}

TEST_F(DatasetsPageTest, CutsWhereTheLengthSaysAndGoesThroughTheTruncatedRows) {
    addQuestions();
    auto* length = named<QSpinBox>("Sequence length");
    length->setValue(150);
    waitFor([&] { return getDataset(folder(), "questions").data.maxLength == 150; });
    waitFor([&] { return shows("Longest row"); });
    click("Show the truncated row");
    waitFor([&] { return text(TokenText::State::Read).contains("What is green?"); });
    EXPECT_EQ(named<QSpinBox>("Row")->value(), 2);
    EXPECT_TRUE(shows("1 truncated row"));
}

TEST_F(DatasetsPageTest, TheCutOffLineMovesByKeysAndIsKeptWhenLetGo) {
    addQuestions();
    auto* histogram = m_page->findChild<Histogram*>();
    waitFor([&] { return histogram->cutOff().has_value(); });
    EXPECT_EQ(histogram->cutOff(), 512.0);
    const double longest = histogram->table().columns[1].values.back();
    for (int i = 0; i < 8; ++i)
        QTest::keyClick(histogram, Qt::Key_Left);
    ASSERT_LT(*histogram->cutOff(), longest);
    const int cutOff = int(*histogram->cutOff());
    waitFor([&] { return getDataset(folder(), "questions").data.maxLength == cutOff; });
    EXPECT_EQ(named<QSpinBox>("Sequence length")->value(), cutOff);
    click("Show the truncated row");
}

TEST_F(DatasetsPageTest, StepsThroughRowsByKeys) {
    addQuestions();
    QTest::keyClick(m_page.get(), Qt::Key_Down, Qt::AltModifier);
    waitFor([&] { return text(TokenText::State::Read).contains("What is green?"); });
    QTest::keyClick(m_page.get(), Qt::Key_Up, Qt::AltModifier);
    waitFor([&] { return text(TokenText::State::Read).contains("What is blue?"); });
}

TEST_F(DatasetsPageTest, ARemovedDatasetComesBackByUndoAsItWasMapped) {
    addQuestions();
    chooseItem(named<QComboBox>("Role of the column note"), "Answer");
    std::function<void()> undo;
    QObject::connect(&m_navigator, &Navigator::undoOffered, m_page.get(),
                     [&](const QString&, const std::function<void()>& back) { undo = back; });
    QTest::keyClick(list(), Qt::Key_Delete);
    waitFor([&] { return list()->model()->rowCount() == 1; });
    ASSERT_TRUE(undo);
    undo();
    waitFor([&] { return current() == "questions"; });
    EXPECT_EQ(getDataset(folder(), "questions").data.columns["completion"], "note");
}

TEST_F(DatasetsPageTest, SaysThatAFileIsGoneAndTakesItsNewPlace) {
    const QString file = writeQuestions();
    DataConfig config;
    config.train = file.toStdString();
    addDataset(folder(), config);
    std::filesystem::rename(file.toStdString(), m_folder / "moved.jsonl");
    open();
    m_page->select("questions");
    waitFor([&] { return shows("Its file is gone."); });
    click("Find the file…");
    auto* dialog = m_page->findChild<QFileDialog*>();
    ASSERT_TRUE(dialog);
    emit dialog->fileSelected(QString::fromStdString((m_folder / "moved.jsonl").string()));
    dialog->close();
    waitFor([&] { return text(TokenText::State::Trained).contains("The sky."); });
}

TEST_F(DatasetsPageTest, HandsTheMappingToANewRun) {
    addQuestions();
    RunConfig wanted;
    QObject::connect(&m_navigator, &Navigator::newRunWanted, m_page.get(),
                     [&](const RunConfig& config) { wanted = config; });
    chooseItem(named<QComboBox>("Role of the column note"), "Answer");
    QTest::mouseClick(named<QPushButton>("Use in a new run"), Qt::LeftButton);
    EXPECT_EQ(wanted.data.columns["completion"], "note");
    EXPECT_TRUE(wanted.data.train.ends_with("questions.jsonl"));
    EXPECT_EQ(wanted.model, "tiny");
}

TEST_F(DatasetsPageTest, AMillionRowsAreMappedOtherwiseWithinATenthOfASecond) {
    {
        std::ofstream file(m_folder / "million.jsonl");
        for (int i = 0; i < 1000000; ++i)
            file << R"({"question": "q)" << i << R"(", "answer": "a)" << i << R"(", "note": "n)" << i << "\"}\n";
    }
    open();
    m_page->add({QString::fromStdString((m_folder / "million.jsonl").string())});
    waitFor([&] { return text(TokenText::State::Trained).startsWith("a0"); });
    qint64 fastest = std::numeric_limits<qint64>::max(); // another program may take the processor in one of them
    for (const char* column : {"note", "answer", "note", "answer", "note"}) {
        const QString expected = QString(column).left(1) + "0";
        QElapsedTimer timer;
        timer.start();
        chooseItem(named<QComboBox>(QStringLiteral("Role of the column %1").arg(column)), "Answer");
        waitFor([&] { return text(TokenText::State::Trained).startsWith(expected); });
        fastest = std::min(fastest, timer.elapsed());
    }
    RecordProperty("milliseconds", int(fastest));
    EXPECT_LT(fastest, 100);
}

// LORIKEET_ROWS=1000000 makes it that many, and says what took how long.
TEST_F(DatasetsPageTest, ManyRowsAreOpenedAndCountedWhileTheWindowAnswers) {
    const char* rowsAsked = std::getenv("LORIKEET_ROWS");
    const int rows = rowsAsked ? std::atoi(rowsAsked) : 20000;
    {
        std::ofstream file(m_folder / "million.jsonl");
        for (int i = 0; i < rows; ++i)
            file << R"({"question": "What is the number )" << i << R"( of this list?", "answer": "It is )" << i
                 << R"(, which follows )" << i - 1 << R"( and is followed by the next.", "note": "n)" << i << "\"}\n";
    }
    open();
    QElapsedTimer since, beat;
    qint64 longest = 0;
    const auto report = [&](const char* what) {
        if (rowsAsked)
            std::cout << what << " after " << since.elapsed() << " ms, longest wait " << longest << " ms\n";
    };
    QTimer heart;
    QObject::connect(&heart, &QTimer::timeout, m_page.get(), [&] { longest = std::max(longest, beat.restart()); });
    heart.setTimerType(Qt::PreciseTimer);
    beat.start();
    heart.start(1);
    since.start();
    m_page->add({QString::fromStdString((m_folder / "million.jsonl").string())});
    ASSERT_TRUE(waitUntil([&] { return current() == "million"; }, 120000));
    report("in the list");
    ASSERT_TRUE(waitUntil([&] { return text(TokenText::State::Trained).startsWith("It is 0,"); }, 120000));
    report("first row");
    auto* histogram = m_page->findChild<Histogram*>();
    bool counts = false;
    ASSERT_TRUE(waitUntil(
        [&] {
            if (!counts && shows("Counting, ")) {
                counts = true;
                report("progress");
            }
            return histogram->cutOff().has_value() && shows("Longest row");
        },
        600000));
    report("histogram");
    RecordProperty("longestWait", int(longest));
    EXPECT_LT(longest, 500); // of a machine that may be busy otherwise
}

TEST_F(DatasetsPageTest, EveryControlHasAName) {
    addQuestions();
    EXPECT_EQ(inaccessibleControls(*m_page).join('\n').toStdString(), "");
}

} // namespace
} // namespace lorikeet::ui
