// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include "ui/pages/page.h"
#include "ui/pages/run_actions.h"

class QComboBox;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace lorikeet::ui {

class Banner;
class DataTable;
class QueueBar;
class RunFilter;
class RunPage;
class RunTableModel;

/// All runs as a table, and the page of the one that is opened.
class RunsPage : public Page {
    Q_OBJECT
public:
    RunsPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    /// Shows one run instead of the table.
    void openRun(const QString& run);
    void showTable();
    /// The run whose page is seen; empty where it is the table.
    QString shownRun() const;

private:
    QWidget* makeTablePage();
    void connectTable();
    void showMenu(const QPoint& position);
    void followSelection();
    QStringList selectedRuns() const;

    RunActions m_actions;
    RunTableModel* m_model;
    RunFilter* m_proxy;
    QStackedWidget* m_stack;
    QStackedWidget* m_list; ///< the table, or what is said while there is none
    DataTable* m_table;
    Banner* m_problem;
    QueueBar* m_queue;
    QLineEdit* m_search;
    QComboBox* m_state;
    QPushButton* m_compare;
    QPushButton* m_remove;
    RunPage* m_runPage = nullptr;
};

} // namespace lorikeet::ui
