// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/conversation_shelf_worker.h"

#include "core/runs/chat_store.h"

namespace lorikeet::ui {
namespace {

constexpr auto kPurgeAge = std::chrono::hours(24);
constexpr int64_t kMostListed = 1000; // more, nobody scrolls through: the search finds the others

} // namespace

ConversationShelfWorker::ConversationShelfWorker(DataFolder folder, ConversationShelf& shelf)
    : m_folder(std::move(folder)), m_shelf(shelf), m_address(shelf.m_mailbox.address()) {
    ask([this] { begin(); });
}

ConversationShelfWorker::~ConversationShelfWorker() = default;

template <typename Body>
void ConversationShelfWorker::ask(Body body) {
    m_thread.post([this, body = std::move(body)] {
        try {
            body();
        } catch (...) {
            m_reader.reset();
            m_writer.reset();
            tell([why = currentFailure()](ConversationShelf& shelf) { emit shelf.refused(why); });
        }
    });
}

template <typename Function>
void ConversationShelfWorker::tell(Function function) {
    m_address.send([&shelf = m_shelf, function = std::move(function)] { function(shelf); });
}

ChatStore& ConversationShelfWorker::reader() {
    if (!m_reader)
        m_reader = std::make_unique<ChatStore>(m_folder, StoreAccess::ReadOnly);
    return *m_reader;
}

ChatStore& ConversationShelfWorker::writer() {
    if (!m_writer)
        m_writer = std::make_unique<ChatStore>(m_folder, StoreAccess::ReadWrite);
    return *m_writer;
}

void ConversationShelfWorker::begin() {
    list();
    if (std::filesystem::exists(m_folder.database()))
        writer().purgeDeleted(kPurgeAge);
}

void ConversationShelfWorker::list() {
    std::vector<Conversation> found =
        m_search.empty() ? reader().list(kMostListed) : reader().search(m_search, kMostListed);
    tell([search = m_search, found = std::move(found)](ConversationShelf& shelf) {
        shelf.take(QString::fromStdString(search), found);
    });
}

void ConversationShelfWorker::setSearch(const QString& text) {
    ask([this, search = text.toStdString()] {
        m_search = search;
        list();
    });
}

void ConversationShelfWorker::open(ConversationShelf::Key key, const QString& id) {
    ask([this, key, id = id.toStdString()] {
        m_ids[key] = id;
        tell([key, conversation = reader().get(id), turns = reader().turns(id)](ConversationShelf& shelf) {
            emit shelf.opened(key, conversation, turns);
        });
    });
}

void ConversationShelfWorker::create(ConversationShelf::Key key, const ChatSettings& settings) {
    ask([this, key, settings] {
        const std::string id = writer().create(settings).id;
        m_ids[key] = id;
        tell([key, id](ConversationShelf& shelf) { emit shelf.created(key, QString::fromStdString(id)); });
        list();
    });
}

void ConversationShelfWorker::write(ConversationShelf::Key key, ConversationShelf::Change change) {
    ask([this, key, change = std::move(change)] {
        // Without an id its creation has been refused, which has been told.
        if (const auto id = m_ids.find(key); id != m_ids.end())
            make(id->second, change);
    });
}

void ConversationShelfWorker::change(const QString& id, ConversationShelf::Change change) {
    ask([this, id = id.toStdString(), change = std::move(change)] { make(id, change); });
}

void ConversationShelfWorker::make(const std::string& id, const ConversationShelf::Change& change) {
    change(writer(), id);
    list();
}

} // namespace lorikeet::ui
