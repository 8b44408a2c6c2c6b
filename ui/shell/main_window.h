// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QMainWindow>

#include "ui/pages/navigator.h"
#include "ui/session/background.h"
#include "ui/shell/page_factory.h"

class QMessageBox;
class QStackedWidget;

namespace lorikeet::ui {

class Banner;
enum class LabelTone;
class Page;
class Sidebar;
class Studio;
struct TrainingEnd;

/// The window: sidebar and pages, and what joins them. It closes at once where nothing trains; else it asks, and stays,
/// saying so, until the run is saved.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(Studio& studio, QWidget* parent = nullptr);

    Navigator& navigator() { return m_navigator; }
    /// Goes there; makes the page where it has not been seen yet.
    Page* showPage(PageId page);
    PageId currentPage() const { return m_current; }
    Sidebar& sidebar() { return *m_sidebar; }
    /// Saves what has been done, without a question, and closes: what SIGTERM and the end of the session ask for.
    void saveAndClose();
    /// For how many milliseconds an undo is offered.
    void setUndoTime(int milliseconds) { m_undoTime = milliseconds; }
    /// Comes to the front: what a second start of the program asks for.
    void present();

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void connectNavigation();
    void addShortcuts();
    void restoreState();
    void keepState();
    void openRunFile();
    void startQuickStart();
    void chatAfterQuickStart(const QString& run);
    void noteStart();
    void onStarted(const QString& run);
    void onEnded(const TrainingEnd& end);
    /// The page that is seen, and the run on it.
    std::pair<PageId, QString> place() const;
    bool confirmsClose();
    /// Stops what trains; false where it could not be saved and the window should stay to tell so.
    bool waitUntilSaved();
    void tellOfRun(LabelTone tone, const QString& strong, const QString& text, const QString& run);
    void offerUndo(const QString& text, const std::function<void()>& undo);

    Studio& m_studio;
    Navigator m_navigator;
    QList<PageEntry> m_entries;
    Sidebar* m_sidebar;
    Banner* m_banner;
    QStackedWidget* m_stack;
    QHash<PageId, Page*> m_pages;
    PageId m_current = PageId::Home;
    BackgroundTask m_work;
    std::pair<PageId, QString> m_startedFrom; ///< where the user was when a run was started
    bool m_trains = false;                    ///< a run, or one is being opened
    bool m_tellsOfEnd = false;                ///< the banner, of a run that ended otherwise than it was to
    bool m_closesSilently = false;
    bool m_isSaving = false;           ///< what trains, before it closes
    int m_undoTime = 10000;            ///< ms
    QMessageBox* m_question = nullptr; ///< while it asks whether to close
};

} // namespace lorikeet::ui
