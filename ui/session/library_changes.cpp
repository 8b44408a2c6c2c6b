// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/library_changes.h"

#include "core/jobs/workshop.h"

namespace lorikeet::ui {

LibraryChanges::LibraryChanges(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)) {}

LibraryChanges::~LibraryChanges() {
    if (m_waiting.empty())
        return;
    QtConcurrent::run([workshop = m_workshop, waiting = std::move(m_waiting)] {
        for (const Change& change : waiting)
            try {
                change(workshop->folder());
            } catch (const Error&) {
                // Nobody is there any more to be told.
            }
    }).waitForFinished();
}

void LibraryChanges::add(Change change) {
    m_waiting.push_back(std::move(change));
    if (!m_isBusy)
        next();
}

void LibraryChanges::next() {
    if (m_waiting.empty()) {
        emit done(std::exchange(m_selected, QString()));
        return;
    }
    m_isBusy = true;
    Change change = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_task = runInBackground(
        this,
        [workshop = m_workshop, change = std::move(change)](std::stop_token) { return change(workshop->folder()); },
        [this](const QString& selected) {
            m_isBusy = false;
            if (!selected.isEmpty())
                m_selected = selected;
            next();
        },
        [this](const Failure& failure) {
            m_isBusy = false;
            emit failed(failure);
            next();
        });
}

} // namespace lorikeet::ui
