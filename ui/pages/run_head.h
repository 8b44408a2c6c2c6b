// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/runs/run_record.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace lorikeet::ui {

class ElidedLabel;
class RunActions;
class Studio;
class TrainingSession;

/// The top of a run's page: its name and state, what it trains, and the buttons by which it is steered.
class RunHead : public QWidget {
    Q_OBJECT
public:
    /// The actions must outlive it.
    RunHead(Studio& studio, const RunActions& actions, QWidget* parent = nullptr);

    /// Shows the run as it stands, in the database and in the training session.
    void setRun(const RunRecord& run);

signals:
    void backWanted();

private:
    QList<QPushButton*> makeControls();
    void showControls();
    void showMenu();
    QString stateText() const;
    /// Whether this program trains it now.
    bool isOurs() const;

    TrainingSession& m_training;
    const RunActions& m_actions;
    RunRecord m_run;
    ElidedLabel* m_title;
    QLabel* m_badge;
    ElidedLabel* m_subtitle;
    QToolButton* m_more;
    QPushButton* m_resume;
    QPushButton* m_enqueue;
    QPushButton* m_save;
    QPushButton* m_pause;
    QPushButton* m_stop;
    QPushButton* m_chat;
};

} // namespace lorikeet::ui
