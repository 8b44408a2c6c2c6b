// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <deque>
#include <functional>
#include <memory>

#include "core/runs/data_folder.h"
#include "ui/session/background.h"

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
    ~LibraryChanges() override;

    void add(Change change);

signals:
    /// All that was wanted has been done; `selected` is the last name that a change gave.
    void done(const QString& selected);
    void failed(const lorikeet::ui::Failure& failure);

private:
    void next();

    std::shared_ptr<Workshop> m_workshop;
    std::deque<Change> m_waiting;
    bool m_isBusy = false;
    QString m_selected;
    BackgroundTask m_task;
};

} // namespace lorikeet::ui
