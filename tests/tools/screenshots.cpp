// SPDX-License-Identifier: GPL-3.0-or-later
// Draws pages of the real window into PNG files. scripts/screenshots prepares what they show.
//   screenshots --data-dir FOLDER --out FOLDER [--theme light|dark]... [--size WxH]... [--page NAME]... [--font POINTS]
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QScrollArea>
#include <QTest>
#include <QTextStream>

#include "core/jobs/dataset_library.h"
#include "core/train/run_config.h"
#include "ui/pages/chat_page.h"
#include "ui/pages/model_perplexity_card.h"
#include "ui/pages/page.h"
#include "ui/pages/runs_page.h"
#include "ui/session/studio.h"
#include "ui/session/talk.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/segmented_control.h"

namespace {

using namespace lorikeet::ui;

constexpr int kPatience = 120000; // ms: the machine may be training meanwhile

struct Shot {
    QString name;
    PageId page;
    QString run = {}; ///< opened on the page of runs
};

QString pageName(PageId page) {
    static const QHash<PageId, QString> kNames = {{PageId::Home, "home"},         {PageId::Models, "models"},
                                                  {PageId::Datasets, "datasets"}, {PageId::NewRun, "new_run"},
                                                  {PageId::Runs, "runs"},         {PageId::Compare, "compare"},
                                                  {PageId::Chat, "chat"},         {PageId::Settings, "settings"}};
    return kNames.value(page);
}

/// Lets what was begun in the background come to its end.
void settle() {
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 1500)
        QTest::qWait(50);
}

QList<Shot> shotsOf(Studio& studio, const QStringList& wanted) {
    QList<Shot> shots;
    for (const PageEntry& page : pageEntries())
        shots.append({pageName(page.id), page.id});
    shots.append({"new_run_advanced", PageId::NewRun});
    shots.append({"models_quantized", PageId::Models});
    bool hasFinished = false, hasRunning = false;
    for (const lorikeet::RunRecord& run : studio.runs().runs()) {
        const QString id = QString::fromStdString(run.id);
        if (run.state == lorikeet::RunState::Running && !std::exchange(hasRunning, true))
            shots.append({"run_live", PageId::Runs, id});
        if (run.state == lorikeet::RunState::Finished && !std::exchange(hasFinished, true))
            shots.append({"run_finished", PageId::Runs, id});
    }
    if (!wanted.isEmpty())
        shots.erase(
            std::remove_if(shots.begin(), shots.end(), [&](const Shot& shot) { return !wanted.contains(shot.name); }),
            shots.end());
    return shots;
}

const lorikeet::RunRecord* finishedRun(Studio& studio) {
    for (const lorikeet::RunRecord& run : studio.runs().runs())
        if (run.state == lorikeet::RunState::Finished && run.adapter)
            return &run;
    return nullptr;
}

/// Asks base and tuned model one thing, the first time.
void converse(MainWindow& window, const lorikeet::RunRecord& run) {
    auto* page = window.findChild<ChatPage*>();
    if (!page->talk().turns().empty())
        return;
    page->chatWith({.model = QString::fromStdString(run.model),
                    .run = QString::fromStdString(run.id),
                    .adapter = QString::fromStdString(*run.adapter),
                    .suggestions = {}});
    if (!QTest::qWaitFor([&] { return page->talk().sides() == 2; }, kPatience))
        return;
    lorikeet::ChatSampling sampling = page->talk().settings().sampling;
    sampling.maxNewTokens = 64;
    page->talk().setSampling(sampling);
    page->talk().send(QStringLiteral("How do I relax after work?"));
    (void)QTest::qWaitFor([&] { return !page->talk().isAnswering(); }, kPatience); // else it is drawn as far as it is
}

/// Compares quantizations of the model shown, the first time, and scrolls to what came out.
void compareQuantizations(MainWindow& window) {
    auto* card = window.findChild<ModelPerplexityCard*>();
    if (!card || !card->isVisible())
        return;
    for (QPushButton* button : card->findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Compare quantizations") && !card->isMeasured()) {
            button->click();
            (void)QTest::qWaitFor([&] { return button->isEnabled(); }, kPatience);
        }
    for (QWidget* parent = card->parentWidget(); parent; parent = parent->parentWidget())
        if (auto* scroll = qobject_cast<QScrollArea*>(parent))
            scroll->ensureWidgetVisible(card);
}

void prepare(MainWindow& window, const Shot& shot, Studio& studio) {
    window.showPage(shot.page);
    if (auto* runs = window.findChild<RunsPage*>())
        runs->showTable();
    if (!shot.run.isEmpty())
        emit window.navigator().runWanted(shot.run);
    const lorikeet::RunRecord* finished = finishedRun(studio);
    if (shot.page == PageId::NewRun && finished)
        emit window.navigator().newRunWanted(lorikeet::parseRunConfig(finished->config));
    if (shot.page == PageId::Datasets)
        for (const lorikeet::LibraryDataset& dataset : lorikeet::listDatasets(studio.workshop()->folder()))
            if (!dataset.isBuiltIn && dataset.isThere) {
                emit window.navigator().datasetWanted(QString::fromStdString(dataset.name));
                break;
            }
    if (shot.page == PageId::Chat && finished)
        converse(window, *finished);
    if (shot.page == PageId::Compare) {
        QStringList runs;
        for (const lorikeet::RunRecord& run : studio.runs().runs())
            if (run.state == lorikeet::RunState::Finished && runs.size() < 4)
                runs.append(QString::fromStdString(run.id));
        emit window.navigator().comparisonWanted(runs);
    }
    if (shot.page == PageId::NewRun)
        for (auto* mode : window.findChildren<SegmentedControl*>())
            if (mode->accessibleName() == QLatin1String("Settings shown"))
                mode->segment(shot.name == QLatin1String("new_run_advanced") ? 1 : 0)->click();
    settle();
    if (shot.name == QLatin1String("models_quantized")) {
        compareQuantizations(window);
        settle();
    }
}

int run(const QCommandLineParser& parser) {
    if (parser.isSet("font")) {
        QFont font = QApplication::font();
        font.setPointSizeF(parser.value("font").toDouble());
        QApplication::setFont(font);
    }
    Theme theme;
    lorikeet::WorkshopOptions options;
    options.dataDir = parser.value("data-dir").toStdString();
    Studio studio(options);
    MainWindow window(studio);
    window.show();
    settle();
    const QDir out(parser.value("out"));
    out.mkpath(".");
    QStringList themes = parser.values("theme"), sizes = parser.values("size");
    for (const QString& name : themes.isEmpty() ? QStringList{"light", "dark"} : themes) {
        theme.setChoice(name == "dark" ? Theme::Choice::Dark : Theme::Choice::Light);
        for (const QString& size : sizes.isEmpty() ? QStringList{"1440x900", "1024x700"} : sizes) {
            const QStringList sides = size.split('x');
            window.resize(sides[0].toInt(), sides[1].toInt());
            for (const Shot& shot : shotsOf(studio, parser.values("page"))) {
                prepare(window, shot, studio);
                const QString file =
                    out.filePath(QString("%1_%2_%3%4.png").arg(shot.name, name, size, parser.value("suffix")));
                if (!window.grab().save(file))
                    return 1;
                QTextStream(stdout) << file << Qt::endl;
            }
        }
    }
    window.saveAndClose();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addOptions({{"data-dir", "What the pages show.", "folder"},
                       {"out", "Where the pictures go.", "folder"},
                       {"theme", "light or dark; both if not given.", "theme"},
                       {"size", "Of the window; 1440x900 and 1024x700 if not given.", "size"},
                       {"page", "Only this one.", "name"},
                       {"font", "The system's font in this size.", "points"},
                       {"suffix", "Before .png.", "text"}});
    parser.process(app);
    return run(parser);
}
