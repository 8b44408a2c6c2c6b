// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/studio.h"

namespace lorikeet::ui {

Studio::Studio(WorkshopOptions options, QObject* parent)
    : QObject(parent), m_workshop(std::make_shared<Workshop>(std::move(options))), m_runs(m_workshop->folder()),
      m_training(m_workshop), m_queue(m_workshop, m_training, m_runs) {
    // A run that begins or ends is seen at once.
    connect(&m_training, &TrainingSession::runStarted, &m_runs, &RunFeed::refresh);
    connect(&m_queue, &RunQueue::refused, &m_runs, &RunFeed::refused);
    connect(&m_training, &TrainingSession::ended, &m_runs, &RunFeed::refresh);
}

} // namespace lorikeet::ui
