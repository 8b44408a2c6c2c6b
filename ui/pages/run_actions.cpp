// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_actions.h"

#include <QDesktopServices>
#include <QUrl>

#include "core/base/error.h"
#include "core/train/run_config.h"
#include "ui/models/run_text.h"
#include "ui/pages/navigator.h"
#include "ui/session/studio.h"

namespace lorikeet::ui {

void RunActions::open(const QString& run) const {
    emit m_navigator.runWanted(run);
}

bool RunActions::canChat(const RunRecord& run) const {
    return run.adapter && run.state != RunState::Running;
}

void RunActions::chat(const RunRecord& run) const {
    emit m_navigator.chatWanted({.model = QString::fromStdString(run.model),
                                 .run = QString::fromStdString(run.id),
                                 .adapter = QString::fromStdString(run.adapter.value_or("")),
                                 .suggestions = {}});
}

void RunActions::chat(const RunRecord& run, const CheckpointRecord& checkpoint) const {
    emit m_navigator.chatWanted({.model = QString::fromStdString(run.model),
                                 .run = QString::fromStdString(run.id),
                                 .adapter = QString::fromStdString(checkpoint.path),
                                 .suggestions = {},
                                 .step = checkpoint.step});
}

bool RunActions::canResume(const RunRecord& run) const {
    return run.state != RunState::Running && run.state != RunState::Finished &&
           QString::fromStdString(run.id) != m_studio.training().run();
}

void RunActions::resume(const RunRecord& run) const {
    if (canResume(run) && !m_studio.training().isActive())
        m_studio.training().resume(QString::fromStdString(run.id), runTitle(run));
}

bool RunActions::canEnqueue(const RunRecord& run) const {
    return canResume(run) && run.state != RunState::Queued;
}

void RunActions::enqueue(const RunRecord& run) const {
    if (canEnqueue(run))
        m_studio.runs().enqueue(QString::fromStdString(run.id));
}

void RunActions::dequeue(const RunRecord& run) const {
    m_studio.runs().dequeue(QString::fromStdString(run.id));
}

void RunActions::duplicate(const RunRecord& run) const {
    try {
        emit m_navigator.newRunWanted(parseRunConfig(run.config, run.id));
    } catch (const Error& error) {
        emit m_navigator.told(
            QObject::tr("The settings of this run cannot be read: %1").arg(QString::fromStdString(error.message())));
    }
}

void RunActions::compare(const QStringList& runs) const {
    emit m_navigator.comparisonWanted(runs);
}

bool RunActions::canRemove(const RunRecord& run) const {
    return run.state != RunState::Running && run.state != RunState::Queued;
}

void RunActions::remove(const QStringList& runs) const {
    RunFeed& feed = m_studio.runs();
    QStringList removed;
    QString title;
    for (const QString& id : runs)
        if (const RunRecord* run = feed.find(id); run && canRemove(*run)) {
            removed.append(id);
            title = runTitle(*run);
        }
    if (removed.isEmpty())
        return;
    for (const QString& id : qAsConst(removed))
        feed.setDeleted(id, true);
    const QString what = removed.size() == 1 ? QObject::tr("\"%1\" has been deleted.").arg(title)
                                             : QObject::tr("%1 runs have been deleted.").arg(removed.size());
    emit m_navigator.undoOffered(what, [&feed, removed] {
        for (const QString& id : removed)
            feed.setDeleted(id, false);
    });
}

void RunActions::showFolder(const RunRecord& run) const {
    const auto folder = m_studio.workshop()->folder().run(run.id);
    const QString path = QString::fromStdString(folder.string());
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
        emit m_navigator.told(QObject::tr("No program could be started that shows folders. This one is %1").arg(path));
}

} // namespace lorikeet::ui
