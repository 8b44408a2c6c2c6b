// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/library_changes.h"

#include <utility>

#include "core/jobs/workshop.h"

namespace lorikeet::ui {

LibraryChanges::LibraryChanges(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)) {}

LibraryChanges::~LibraryChanges() = default;

void LibraryChanges::add(Change change) {
    ++m_unfinished;
    m_thread.post([this, address = m_mailbox.address(), workshop = m_workshop, change = std::move(change)] {
        try {
            address.send([this, selected = change(workshop->folder())] { take(selected); });
        } catch (...) {
            address.send([this, why = currentFailure()] {
                emit failed(why);
                take({});
            });
        }
    });
}

void LibraryChanges::take(const QString& selected) {
    if (!selected.isEmpty())
        m_selected = selected;
    if (--m_unfinished == 0)
        emit done(std::exchange(m_selected, QString()));
}

} // namespace lorikeet::ui
