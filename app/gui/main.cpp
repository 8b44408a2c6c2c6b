// SPDX-License-Identifier: GPL-3.0-or-later
// lorikeet: the window.
#include <clocale>

#include <QApplication>
#include <QCommandLineParser>
#include <QMessageBox>

#include "ui/session/failure.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/shell/main_window.h"
#include "ui/shell/single_instance.h"
#include "ui/shell/termination.h"
#include "ui/theme/theme.h"

namespace {

using namespace lorikeet;

WorkshopOptions optionsFrom(const QCommandLineParser& parser) {
    const ui::Settings settings;
    WorkshopOptions options;
    QString folder = parser.value(QStringLiteral("data-dir"));
    if (folder.isEmpty() && !qEnvironmentVariableIsSet("LORIKEET_DATA_DIR"))
        folder = settings.dataFolder();
    if (!folder.isEmpty())
        options.dataDir = folder.toStdString();
    options.threads = settings.threads();
    options.device = settings.device().toStdString();
    return options;
}

ui::Theme::Choice themeChoice(const QString& name) {
    return name == QLatin1String("dark")    ? ui::Theme::Choice::Dark
           : name == QLatin1String("light") ? ui::Theme::Choice::Light
                                            : ui::Theme::Choice::System;
}

int run(QApplication& app) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::translate("main", "Finetune language models on your own machine."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOption({QStringLiteral("data-dir"),
                      QApplication::translate("main", "Where models, runs and the database live."),
                      QApplication::translate("main", "folder")});
    parser.process(app);

    QApplication::setWindowIcon(QIcon(QStringLiteral(":/lorikeet/lorikeet.svg")));
    ui::Theme theme;
    theme.setChoice(themeChoice(ui::Settings().theme()));
    const WorkshopOptions options = optionsFrom(parser);
    ui::SingleInstance instance(QString::fromStdString(findDataFolder(options.dataDir).root.string()));
    if (instance.handedOver()) // before anything of the folder is touched
        return 0;
    ui::Studio studio(options);
    ui::MainWindow window(studio);
    QObject::connect(&instance, &ui::SingleInstance::presented, &window, &ui::MainWindow::present);
    QObject::connect(&app, &QGuiApplication::commitDataRequest, &window, &ui::MainWindow::saveAndClose,
                     Qt::DirectConnection);
    ui::closeOnSignals(window);
    window.show();
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    std::setlocale(LC_NUMERIC, "C"); // which Qt has set to the user's: libraries read and write numbers by it
    QApplication::setApplicationName(QStringLiteral("lorikeet"));
    QApplication::setApplicationDisplayName(QStringLiteral("Lorikeet"));
    QApplication::setApplicationVersion(QStringLiteral(LORIKEET_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("lorikeet"));
    try {
        return run(app);
    } catch (...) {
        QMessageBox::critical(nullptr, QApplication::translate("main", "Lorikeet cannot start"),
                              ui::currentFailure().message);
        return 1;
    }
}
