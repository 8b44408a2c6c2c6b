// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/jobs/small_run.h"
#include "ui/session/studio.h"

class QAbstractButton;
class QWidget;

namespace lorikeet::ui {

/// A studio over a data folder of its own, and a tiny model with a tokenizer and a chat template.
class StudioTest : public testing::Test {
protected:
    StudioTest();

    static std::string modelPath() { return sourceFile("tests/data/jobs/model").string(); }
    std::filesystem::path dataFolder() const { return m_folder / "data"; }
    /// Writes a file into the temporary folder.
    std::string writeFile(const std::string& name, const std::string& content) const;
    /// Some steps over five rows of questions and answers.
    RunConfig smallRun(int64_t steps = 3) const { return lorikeet::smallRun(m_folder, steps); }
    /// Trains to the end and waits until the feed knows; returns the run's id.
    QString train(const RunConfig& config);

    /// The one button below `parent` with this text or accessible name; null where there is none.
    static QAbstractButton* button(const QWidget& parent, const QString& name);

    TemporaryFolder m_folder;
    Studio m_studio;
};

/// Waits, processing events, until `condition` holds; false after some seconds.
bool waitUntil(const std::function<bool()>& condition, int milliseconds = 20000);

/// Controls below `parent` that a screen reader could not name, and those that Tab does not reach; empty where all is
/// well.
QStringList inaccessibleControls(const QWidget& parent);

} // namespace lorikeet::ui
