// SPDX-License-Identifier: GPL-3.0-or-later
// The main of the tests with widgets: an application without a display.
#include <QApplication>

#include <gtest/gtest.h>

#include "tests/support/qt/test_process.h"
#include "ui/theme/theme.h"

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    // Widgets that are not seen need no display; LORIKEET_TEST_PLATFORM=xcb shows them.
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariableIsSet("LORIKEET_TEST_PLATFORM") ? qgetenv("LORIKEET_TEST_PLATFORM")
                                                                                   : QByteArray("offscreen"));
    const lorikeet::ui::TestProcess process;
    QApplication app(argc, argv);
    lorikeet::ui::Theme theme;
    theme.setChoice(lorikeet::ui::Theme::Choice::Light);
    return RUN_ALL_TESTS();
}
