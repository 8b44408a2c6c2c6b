// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

namespace lorikeet::ui {

/// The way of values from any thread to the GUI thread. A letter is a call with the values that it holds: another
/// thread sends it to an address, and the event loop of the GUI thread makes the call, one letter after the other in
/// the order in which they were sent, whichever mailbox they are for. What a sender did before it sent has happened for
/// whoever receives; both go through one mutex, and Qt is asked only to watch a file descriptor.
///
/// A mailbox belongs to who receives: a member of it, made and destroyed in the GUI thread. So a letter may hold a
/// plain pointer to the receiver. Once the mailbox is gone, letters that wait are dropped uncalled, and those sent
/// later are dropped by the sender's thread.
class Mailbox {
    struct Owner;
    class Office;

public:
    using Letter = std::function<void()>;

    /// Where letters for a mailbox are sent to: a value for any thread, which may outlive the mailbox.
    class Address {
    public:
        /// Never calls the letter itself, and never waits for the receiver.
        void send(Letter letter) const;

    private:
        friend class Mailbox;
        explicit Address(std::shared_ptr<Owner> owner) : m_owner(std::move(owner)) {}
        std::shared_ptr<Owner> m_owner;
    };

    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    const Address& address() const { return m_address; }
    /// Drops the letters that wait.
    void clear();

private:
    Address m_address;
};

} // namespace lorikeet::ui
