// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/qt/test_process.h"

#include <QLocale>

#include <gtest/gtest.h>

namespace lorikeet::ui {
namespace {

void failOnWarning(QtMsgType type, const QMessageLogContext&, const QString& message) {
    // The platform without a display says of windows and pop-ups that nobody is there to see them.
    if (type == QtDebugMsg || type == QtInfoMsg || message.startsWith(QLatin1String("This plugin does not support")))
        return;
    ADD_FAILURE() << "Qt says: " << message.toStdString();
}

} // namespace

TestProcess::TestProcess() {
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"})
        qputenv(name, m_home.path().toUtf8());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
    qInstallMessageHandler(failOnWarning);
}

} // namespace lorikeet::ui
