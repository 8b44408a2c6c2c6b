// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "ui/session/conversation_shelf.h"
#include "ui/session/work_threads.h"

namespace lorikeet::ui {

/// The part of ConversationShelf that reads and writes, on a thread of its own: what is public is for the GUI thread
/// and only asks, what is private happens there. What it finds goes to the shelf by letter.
class ConversationShelfWorker {
public:
    ConversationShelfWorker(DataFolder folder, ConversationShelf& shelf);
    /// Waits until all that was asked for is written.
    ~ConversationShelfWorker();

    void setSearch(const QString& text);
    void open(ConversationShelf::Key key, const QString& id);
    void create(ConversationShelf::Key key, const ChatSettings& settings);
    void write(ConversationShelf::Key key, ConversationShelf::Change change);
    void change(const QString& id, ConversationShelf::Change change);

private:
    /// Has `body` done on the thread; what it throws is told.
    template <typename Body>
    void ask(Body body);
    template <typename Function>
    void tell(Function function);
    ChatStore& reader();
    ChatStore& writer();
    void begin();
    void list();
    void make(const std::string& id, const ConversationShelf::Change& change);

    DataFolder m_folder;
    ConversationShelf& m_shelf; ///< for letters
    const Mailbox::Address m_address;
    std::unique_ptr<ChatStore> m_reader, m_writer;
    std::string m_search;
    std::unordered_map<ConversationShelf::Key, std::string> m_ids;
    WorkThreads m_thread{"conversations"}; ///< last, so that it ends first
};

} // namespace lorikeet::ui
