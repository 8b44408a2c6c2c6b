// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include "ui/pages/new_run_draft.h"
#include "ui/pages/page.h"
#include "ui/session/background.h"
#include "ui/session/run_checking.h"
#include "ui/session/training_session.h"

class QFrame;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace lorikeet::ui {

class Banner;
class MemoryBar;
class MemorySection;
class NewRunForm;
class ProblemsSection;
class StartSection;
class TimeSection;

/// Sets up a run and starts it: the settings on the left; on the right what it would take, what is wrong with it and
/// what differs from the defaults, kept up to date while one types.
class NewRunPage : public Page {
    Q_OBJECT
public:
    NewRunPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    const RunDraft& draft() const { return m_draft; }

public slots:
    /// Takes over settings, as one step that can be undone.
    void fill(const lorikeet::RunConfig& config);
    /// Takes over a run's file; what is wrong with it is shown on the page. Relative paths in it that lead to something
    /// from the file's folder are meant from there.
    void openRunFile(const QString& path);
    void saveRunFile(const QString& path);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeContent();
    QLayout* makeHead();
    QPushButton* makeCopyButton();
    QFrame* makePanel();
    QFrame* makeStrip();
    QWidget* makeDetails();
    void addShortcuts();
    void connectSession();
    void arrange(bool narrow);
    void setAdvanced(bool advanced);

    void recheck();
    void take(std::shared_ptr<const CheckedRunConfig> run);
    void showProblems();
    void showStart();
    void applyFix(const std::optional<RunConfig>& fixed, const QString& what);
    void start();
    void onStarted(const QString& run);
    void onEnded(const TrainingEnd& end);
    void copyFrom(const QString& run);
    void tellFailure(const QString& strong, const Failure& why);

    RunDraft m_draft;
    RunChecking m_checking;
    std::shared_ptr<const CheckedRunConfig> m_checked; ///< the newest answer; of an earlier draft for some milliseconds
    std::optional<Failure> m_checkFailure;
    bool m_isStarting = false; ///< the session starts a run of this page, which is not recorded yet
    BackgroundTask m_fileTask;

    Banner* m_banner;
    NewRunForm* m_form;
    QScrollArea *m_scroll, *m_panelScroll;
    QVBoxLayout* m_scrolled;
    QFrame *m_panel, *m_strip;
    QWidget* m_details;
    MemorySection* m_memory;
    TimeSection* m_time;
    ProblemsSection* m_problems;
    StartSection* m_start;
    MemoryBar* m_stripBar;
    QLabel *m_stripFigure, *m_stripVerdict;
    std::optional<bool> m_isNarrow;
};

} // namespace lorikeet::ui
