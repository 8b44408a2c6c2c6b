// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <memory>

#include "core/jobs/workshop.h"
#include "ui/session/run_feed.h"
#include "ui/session/run_queue.h"
#include "ui/session/training_session.h"

namespace lorikeet::ui {

/// What all pages of a window share. GUI thread; the workshop may go to any.
class Studio : public QObject {
    Q_OBJECT
public:
    explicit Studio(WorkshopOptions options, QObject* parent = nullptr);

    const std::shared_ptr<Workshop>& workshop() const { return m_workshop; }
    TrainingSession& training() { return m_training; }
    RunFeed& runs() { return m_runs; }
    RunQueue& queue() { return m_queue; }

signals:
    /// The library of models or of datasets has another content than before.
    void modelsChanged();
    void datasetsChanged();

private:
    std::shared_ptr<Workshop> m_workshop;
    RunFeed m_runs;
    TrainingSession m_training;
    RunQueue m_queue;
};

} // namespace lorikeet::ui
