// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/mailbox.h"

#include <QCoreApplication>
#include <QPointer>
#include <QSocketNotifier>
#include <QThread>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/error.h"

namespace lorikeet::ui {

/// Identifies a mailbox, and says whether it is still there; the office's mutex guards it.
struct Mailbox::Owner {
    bool isOpen = true;
};

/// The letters of the whole process that wait, and the bell by which the event loop hears of them.
class Mailbox::Office {
public:
    /// Never destroyed: a thread may still send while the process ends.
    static Office& instance() {
        static auto* const office = new Office;
        return *office;
    }

    /// Has the event loop of the application that exists listen to the bell.
    void attend() {
        QCoreApplication* app = QCoreApplication::instance();
        Q_ASSERT_X(app && QThread::currentThread() == app->thread(), "Mailbox", "is for the GUI thread");
        if (m_listener)
            return;
        m_listener = new QSocketNotifier(m_bell, QSocketNotifier::Read, app);
        QObject::connect(m_listener, &QSocketNotifier::activated, m_listener, [this] { deliver(); });
    }

    void add(const std::shared_ptr<Owner>& owner, Letter letter) {
        const std::lock_guard lock(m_mutex);
        if (!owner->isOpen)
            return; // the letter goes with the caller's argument, outside of the lock
        m_letters.push_back({owner, std::move(letter)});
        if (m_letters.size() == 1)
            eventfd_write(m_bell, 1);
    }

    void drop(Owner& owner, bool closes) {
        std::vector<Letter> dropped; // whose values may do anything when they go, so it is not done under the lock
        const std::lock_guard lock(m_mutex);
        owner.isOpen = owner.isOpen && !closes;
        const auto kept = std::stable_partition(m_letters.begin(), m_letters.end(),
                                                [&](const Entry& entry) { return entry.owner.get() != &owner; });
        for (auto at = kept; at != m_letters.end(); ++at)
            dropped.push_back(std::move(at->letter));
        m_letters.erase(kept, m_letters.end());
        silence();
    }

private:
    struct Entry {
        std::shared_ptr<Owner> owner;
        Letter letter;
    };

    Office() : m_bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (m_bell < 0)
            fail(ErrorCode::Io, "mailbox: no file descriptor for its bell: {}", std::strerror(errno));
    }

    /// Delivers as many as there are now: those that come meanwhile wait for the event loop, as everything else does.
    void deliver() {
        std::unique_lock lock(m_mutex);
        const size_t count = m_letters.size();
        lock.unlock();
        // Each is taken out by itself: a letter may run an event loop of its own, which goes on with the next.
        for (size_t i = 0; i < count; ++i)
            if (const Letter letter = takeNext())
                letter();
    }

    Letter takeNext() {
        const std::lock_guard lock(m_mutex);
        if (m_letters.empty())
            return {};
        Letter letter = std::move(m_letters.front().letter);
        m_letters.pop_front();
        silence();
        return letter;
    }

    /// The bell rings while there are letters. The mutex is held.
    void silence() {
        eventfd_t rung = 0;
        if (m_letters.empty())
            eventfd_read(m_bell, &rung);
    }

    std::mutex m_mutex;
    std::deque<Entry> m_letters;
    int m_bell;
    QPointer<QSocketNotifier> m_listener; ///< GUI thread
};

Mailbox::Mailbox() : m_address(std::make_shared<Owner>()) {
    Office::instance().attend();
}

Mailbox::~Mailbox() {
    Office::instance().drop(*m_address.m_owner, true);
}

void Mailbox::clear() {
    Office::instance().drop(*m_address.m_owner, false);
}

void Mailbox::Address::send(Letter letter) const {
    Office::instance().add(m_owner, std::move(letter));
}

} // namespace lorikeet::ui
