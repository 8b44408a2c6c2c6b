// SPDX-License-Identifier: GPL-3.0-or-later
// The main of the tests of what the window does without widgets.
#include <QCoreApplication>

#include <gtest/gtest.h>

#include "tests/support/qt/test_process.h"

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    const lorikeet::ui::TestProcess process;
    QCoreApplication app(argc, argv);
    return RUN_ALL_TESTS();
}
