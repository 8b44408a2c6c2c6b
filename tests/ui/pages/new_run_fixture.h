// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/new_run_page.h"

#include <memory>

#include "tests/support/jobs/small_run.h"
#include "tests/support/test_paths.h"
#include "ui/pages/navigator.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"

namespace lorikeet::ui {

inline constexpr int kNewRunPatience = 10000; // ms, on a machine that does much else

/// The page over a tiny model, in Advanced mode.
class NewRunPageTest : public testing::Test {
protected:
    NewRunPageTest() : m_studio(options()) {
        Settings().setAdvanced(true);
        m_page = std::make_unique<NewRunPage>(m_studio, m_navigator);
        m_page->resize(1200, 2400);
        m_page->show();
        m_page->activateWindow();
        EXPECT_TRUE(QTest::qWaitForWindowActive(m_page.get()));
    }

    WorkshopOptions options() const {
        WorkshopOptions options;
        options.dataDir = m_folder / "data";
        options.threads = 2;
        return options;
    }
    RunConfig smallRun() const {
        RunConfig config = lorikeet::smallRun(m_folder);
        config.training.learningRate = 2e-4; // the usual one
        return config;
    }

    template <typename Widget>
    Widget* named(const QString& name) const {
        for (Widget* widget : m_page->findChildren<Widget*>())
            if (widget->accessibleName() == name)
                return widget;
        return nullptr;
    }
    QPushButton* button(const QString& text) const {
        for (QPushButton* button : m_page->findChildren<QPushButton*>())
            if (button->text().trimmed() == text)
                return button;
        return nullptr;
    }
    bool shows(const QString& text) const {
        for (const QLabel* label : m_page->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(text))
                return true;
        return false;
    }
    template <typename Condition>
    static void waitFor(Condition condition) {
        EXPECT_TRUE(QTest::qWaitFor(condition, kNewRunPatience));
    }
    void waitUntilReady() {
        waitFor([this] { return button("Start run") && button("Start run")->isEnabled(); });
    }
    static void type(QWidget* edit, const QString& text) {
        edit->setFocus();
        QTest::keySequence(edit, QKeySequence::SelectAll);
        QTest::keyClicks(edit, text);
    }
    const RunConfig& config() const { return m_page->draft().config(); }

    TemporaryFolder m_folder;
    Studio m_studio;
    Navigator m_navigator;
    std::unique_ptr<NewRunPage> m_page;
};

} // namespace lorikeet::ui
