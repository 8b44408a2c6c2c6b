// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

class QMenu;
class QWidget;

namespace lorikeet {
struct CheckpointRecord;
struct RunRecord;
} // namespace lorikeet

namespace lorikeet::ui {

class Navigator;
class Studio;

/// What can be done with a run, the same wherever runs are shown.
class RunActions {
public:
    RunActions(Studio& studio, Navigator& navigator) : m_studio(studio), m_navigator(navigator) {}

    void open(const QString& run) const;
    /// The run's adapter beside its base.
    void chat(const RunRecord& run) const;
    /// What the run was at a checkpoint, beside its base.
    void chat(const RunRecord& run, const CheckpointRecord& checkpoint) const;
    bool canChat(const RunRecord& run) const;
    /// Whether it can go on, or begin, from where it is: where nobody runs it and it has not finished.
    bool canResume(const RunRecord& run) const;
    /// Goes on with the run. Nothing may train here.
    void resume(const RunRecord& run) const;
    /// Whether it can wait for its turn.
    bool canEnqueue(const RunRecord& run) const;
    void enqueue(const RunRecord& run) const;
    void dequeue(const RunRecord& run) const;
    /// Its settings, in New run.
    void duplicate(const RunRecord& run) const;
    void compare(const QStringList& runs) const;
    /// Hides the runs and offers to bring them back. Runs that are alive stay.
    void remove(const QStringList& runs) const;
    bool canRemove(const RunRecord& run) const;
    /// Opens the run's folder with the program that the desktop has for folders.
    void showFolder(const RunRecord& run) const;

private:
    Studio& m_studio;
    Navigator& m_navigator;
};

} // namespace lorikeet::ui
