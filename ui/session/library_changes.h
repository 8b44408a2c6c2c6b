// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <functional>
#include <memory>

#include "core/runs/data_folder.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"
#include "ui/session/work_threads.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

/// Changes of a library, made in the background one after the other. Each comes to its end, also those that still wait
/// when this object goes. GUI thread.
class LibraryChanges : public QObject {
    Q_OBJECT
public:
    /// Returns the name that should be selected afterwards, or an empty one; called on another thread.
    using Change = std::function<QString(const DataFolder&)>;

    explicit LibraryChanges(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    /// Waits for all that was added.
    ~LibraryChanges() override;

    void add(Change change);

signals:
    /// All that was wanted has been done; `selected` is the last name that a change gave.
    void done(const QString& selected);
    void failed(const lorikeet::ui::Failure& failure);

private:
    void take(const QString& selected);

    std::shared_ptr<Workshop> m_workshop;
    int m_unfinished = 0;
    QString m_selected;
    Mailbox m_mailbox;
    WorkThreads m_thread{"library"};
};

} // namespace lorikeet::ui
