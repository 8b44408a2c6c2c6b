// SPDX-License-Identifier: GPL-3.0-or-later
// The main of the window's tests: an application without a display, with folders of its own, in which a warning of Qt
// is a failure.
#include <QApplication>
#include <QLocale>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <gtest/gtest.h>

#include "ui/theme/theme.h"

namespace {

void failOnWarning(QtMsgType type, const QMessageLogContext&, const QString& message) {
    // The platform without a display says of windows and pop-ups that nobody is there to see them.
    if (type == QtDebugMsg || type == QtInfoMsg || message.startsWith(QLatin1String("This plugin does not support")))
        return;
    ADD_FAILURE() << "Qt says: " << message.toStdString();
}

} // namespace

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    // Widgets that are not seen need no display; LORIKEET_TEST_PLATFORM=xcb shows them.
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariableIsSet("LORIKEET_TEST_PLATFORM") ? qgetenv("LORIKEET_TEST_PLATFORM")
                                                                                   : QByteArray("offscreen"));
    QTemporaryDir home;
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, home.path().toUtf8());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    qInstallMessageHandler(failOnWarning);
    QApplication app(argc, argv);
    lorikeet::ui::Theme theme;
    theme.setChoice(lorikeet::ui::Theme::Choice::Light);
    return RUN_ALL_TESTS();
}
