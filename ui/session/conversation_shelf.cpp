// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/conversation_shelf.h"

#include "core/runs/chat_store.h"
#include "ui/session/conversation_shelf_worker.h"

namespace lorikeet::ui {

ConversationShelf::ConversationShelf(DataFolder folder, QObject* parent)
    : QObject(parent), m_worker(std::make_unique<ConversationShelfWorker>(std::move(folder), *this)) {}

ConversationShelf::~ConversationShelf() = default;

void ConversationShelf::take(const QString& search, const std::vector<Conversation>& list) {
    if (search != m_search)
        return; // another search has been asked for since
    m_list = list;
    m_isLoaded = true;
    emit changed();
}

ConversationShelf::Key ConversationShelf::newKey() {
    static Key last = 0;
    return ++last;
}

void ConversationShelf::setSearch(const QString& text) {
    m_search = text;
    m_worker->setSearch(text);
}

void ConversationShelf::open(Key key, const QString& id) {
    m_worker->open(key, id);
}

void ConversationShelf::create(Key key, const ChatSettings& settings) {
    m_worker->create(key, settings);
}

void ConversationShelf::write(Key key, Change change) {
    m_worker->write(key, std::move(change));
}

void ConversationShelf::rename(const QString& id, const QString& title) {
    m_worker->change(
        id, [title = title.toStdString()](ChatStore& store, const std::string& which) { store.rename(which, title); });
}

void ConversationShelf::setDeleted(const QString& id, bool deleted) {
    m_worker->change(id, [deleted](ChatStore& store, const std::string& which) { store.setDeleted(which, deleted); });
}

} // namespace lorikeet::ui
