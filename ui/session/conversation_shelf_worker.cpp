// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/conversation_shelf_worker.h"

#include "core/runs/chat_store.h"

namespace lorikeet::ui {
namespace {

constexpr auto kPurgeAge = std::chrono::hours(24);
constexpr int64_t kMostListed = 1000; // more, nobody scrolls through: the search finds the others

} // namespace

ConversationShelfWorker::ConversationShelfWorker(DataFolder folder) : m_folder(std::move(folder)) {}

ConversationShelfWorker::~ConversationShelfWorker() = default;

template <typename Body>
void ConversationShelfWorker::attempt(Body&& body) {
    try {
        body();
    } catch (...) {
        const Failure why = currentFailure();
        m_reader.reset();
        m_writer.reset();
        emit refused(why);
    }
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
    attempt([this] {
        list();
        if (std::filesystem::exists(m_folder.database()))
            writer().purgeDeleted(kPurgeAge);
    });
}

void ConversationShelfWorker::list() {
    const std::vector<Conversation> found =
        m_search.isEmpty() ? reader().list(kMostListed) : reader().search(m_search.toStdString(), kMostListed);
    emit listed(m_search, found);
}

void ConversationShelfWorker::setSearch(const QString& text) {
    m_search = text;
    attempt([this] { list(); });
}

void ConversationShelfWorker::open(ConversationShelf::Key key, const QString& id) {
    attempt([&] {
        m_ids[key] = id.toStdString();
        const Conversation conversation = reader().get(m_ids[key]);
        emit opened(key, conversation, reader().turns(m_ids[key]));
    });
}

void ConversationShelfWorker::create(ConversationShelf::Key key, const ChatSettings& settings) {
    attempt([&] {
        m_ids[key] = writer().create(settings).id;
        emit created(key, QString::fromStdString(m_ids[key]));
        list();
    });
}

void ConversationShelfWorker::write(ConversationShelf::Key key, const ConversationShelf::Change& change) {
    // Without an id its creation has been refused, which has been told.
    if (const auto id = m_ids.constFind(key); id != m_ids.constEnd())
        this->change(*id, change);
}

void ConversationShelfWorker::change(const std::string& id, const ConversationShelf::Change& change) {
    attempt([&] {
        change(writer(), id);
        list();
    });
}

} // namespace lorikeet::ui
