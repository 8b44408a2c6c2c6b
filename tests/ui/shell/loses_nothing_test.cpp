// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to a run, and to its user, when something is taken away.
#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <QLabel>
#include <QProcess>
#include <QTest>

#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/pages/home_page.h"
#include "ui/pages/runs_page.h"
#include "ui/shell/main_window.h"

namespace lorikeet::ui {
namespace {

namespace fs = std::filesystem;

class LosesNothing : public StudioTest {
protected:
    /// Starts the window as a process of its own, waits until it trains and returns the run's id.
    std::string startWindow(QProcess& process) {
        const RunConfig config = smallRun();
        process.setProgram(QStringLiteral(LORIKEET_BINARY_DIR "/bin/training_window"));
        process.setArguments({QString::fromStdString(dataFolder().string()), QString::fromStdString(config.model),
                              QString::fromStdString(config.data.train)});
        process.start();
        EXPECT_TRUE(waitUntil([&] { return process.canReadLine() || process.state() == QProcess::NotRunning; }));
        return process.readLine().trimmed().toStdString();
    }

    bool says(const QWidget& widget, const QString& text) {
        for (const QLabel* label : widget.findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(text))
                return true;
        return false;
    }

    fs::path adapterOf(const std::string& run) const {
        return dataFolder() / "runs" / run / "adapter" / "adapter_model.safetensors";
    }
};

TEST_F(LosesNothing, SigtermSavesAndEndsWellWithoutAQuestion) {
    QProcess process;
    const std::string run = startWindow(process);
    ASSERT_FALSE(run.empty());
    ::kill(pid_t(process.processId()), SIGTERM);
    ASSERT_TRUE(process.waitForFinished(30000));
    EXPECT_EQ(process.exitStatus(), QProcess::NormalExit);
    EXPECT_EQ(process.exitCode(), 0);
    EXPECT_TRUE(fs::exists(adapterOf(run)));
    EXPECT_EQ(RunStore(DataFolder{dataFolder()}).get(run).state, RunState::Stopped);
}

TEST_F(LosesNothing, AKilledProcessLeavesARunThatHomeOffersAgain) {
    QProcess process;
    const std::string run = startWindow(process);
    ASSERT_FALSE(run.empty());
    process.kill();
    ASSERT_TRUE(process.waitForFinished(30000));
    MainWindow window(m_studio);
    window.resize(1440, 900);
    window.show();
    window.showPage(PageId::Home);
    EXPECT_TRUE(waitUntil([&] { return says(window, "Interrupted run: to be ended"); }));
    RunStore store(DataFolder{dataFolder()});
    EXPECT_GT(store.metrics(run).size(), 10u);
    ASSERT_FALSE(store.checkpoints(run).empty()); // saved every five steps
    EXPECT_TRUE(fs::exists(fs::path(store.checkpoints(run).back().path) / "adapter_model.safetensors"));
}

TEST_F(LosesNothing, AFolderThatCannotBeWrittenIsSaidBeforeARunBegins) {
    if (::geteuid() == 0) // whom no permission stops: a file where the folder should be does
        std::ofstream(dataFolder()) << "in the way";
    else {
        fs::create_directories(dataFolder());
        fs::permissions(dataFolder(), fs::perms::owner_read | fs::perms::owner_exec);
    }
    MainWindow window(m_studio);
    window.show();
    m_studio.training().start(smallRun());
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_TRUE(says(window, QString::fromStdString(dataFolder().string())));
}

TEST_F(LosesNothing, ADatabaseOfANewerVersionIsLeftAloneAndSaid) {
    train(smallRun());
    {
        QProcess sqlite;
        sqlite.start(
            "python3",
            {"-c",
             "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('pragma user_version=999'); c.commit()",
             QString::fromStdString((dataFolder() / "lorikeet.db").string())});
        ASSERT_TRUE(sqlite.waitForFinished(10000));
        ASSERT_EQ(sqlite.exitCode(), 0);
    }
    WorkshopOptions options;
    options.dataDir = dataFolder();
    Studio later(options);
    MainWindow window(later);
    window.show();
    window.showPage(PageId::Runs);
    ASSERT_TRUE(waitUntil([&] { return later.runs().problem().has_value(); }));
    EXPECT_EQ(later.runs().problem()->code, ErrorCode::NotBuilt);
    EXPECT_TRUE(says(window, "The runs cannot be read."));
    later.training().start(smallRun());
    ASSERT_TRUE(waitUntil([&] { return !later.training().isActive(); }));
    EXPECT_TRUE(says(window, "newer"));
}

TEST_F(LosesNothing, ADamagedDatabaseIsLeftAloneAndSaid) {
    fs::create_directories(dataFolder());
    const std::string damage(8192, 'x');
    std::ofstream(dataFolder() / "lorikeet.db") << damage;
    MainWindow window(m_studio);
    window.show();
    window.showPage(PageId::Runs);
    EXPECT_TRUE(waitUntil([&] { return says(window, "The runs cannot be read."); }));
    std::ifstream file(dataFolder() / "lorikeet.db");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), damage);
}

TEST_F(LosesNothing, AModelThatIsRemovedUnderARunDoesNotEndIt) {
    const fs::path model = m_folder / "model";
    fs::copy(modelPath(), model, fs::copy_options::recursive);
    RunConfig config = smallRun(100000);
    config.model = model.string();
    m_studio.training().start(config);
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    const std::string run = m_studio.training().run().toStdString();
    fs::remove_all(model);
    const int64_t before = m_studio.training().step()->step;
    EXPECT_TRUE(waitUntil([&] { return m_studio.training().step()->step > before + 20; }));
    m_studio.training().stop();
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_TRUE(fs::exists(adapterOf(run)));
}

} // namespace
} // namespace lorikeet::ui
