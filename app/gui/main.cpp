// SPDX-License-Identifier: GPL-3.0-or-later
// lorikeet: the window.
#include <QApplication>
#include <QCommandLineParser>
#include <QMessageBox>
#include <QSocketNotifier>

#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

#include "ui/session/failure.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/shell/main_window.h"
#include "ui/shell/single_instance.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace {

using namespace lorikeet;

int g_signalSockets[2];

/// A signal handler may do next to nothing: it writes a byte that the event loop reads.
void onSignal(int) {
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = write(g_signalSockets[1], &byte, 1);
}

/// SIGTERM and SIGINT save and close without a question.
void closeOnSignals(ui::MainWindow& window) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, g_signalSockets) != 0)
        return;
    auto* notifier = new QSocketNotifier(g_signalSockets[0], QSocketNotifier::Read, &window);
    QObject::connect(notifier, &QSocketNotifier::activated, &window, [&window, notifier] {
        notifier->setEnabled(false);
        window.saveAndClose();
    });
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

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
    ui::Studio studio(optionsFrom(parser));
    ui::SingleInstance instance(QString::fromStdString(studio.workshop()->folder().root.string()));
    if (instance.handedOver())
        return 0;
    ui::MainWindow window(studio);
    QObject::connect(&instance, &ui::SingleInstance::presented, &window, &ui::MainWindow::present);
    QObject::connect(&app, &QGuiApplication::commitDataRequest, &window, &ui::MainWindow::saveAndClose,
                     Qt::DirectConnection);
    closeOnSignals(window);
    window.show();
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
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
