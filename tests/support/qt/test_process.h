// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>

namespace lorikeet::ui {

/// What the process of a test is, before it has an application: folders of its own, one language, and a failure for
/// each warning of Qt.
class TestProcess {
public:
    TestProcess();

private:
    QTemporaryDir m_home;
};

} // namespace lorikeet::ui
