// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/conversation_shelf.h"

#include "core/runs/chat_store.h"
#include "ui/session/conversation_shelf_worker.h"

namespace lorikeet::ui {

ConversationShelf::ConversationShelf(DataFolder folder, QObject* parent)
    : QObject(parent), m_worker(new ConversationShelfWorker(std::move(folder))) {
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_worker, &ConversationShelfWorker::begin);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &ConversationShelfWorker::listed, this, [this](const QString& search, const auto& list) {
        if (search != m_search)
            return; // another search has been asked for since
        m_list = list;
        m_isLoaded = true;
        emit changed();
    });
    connect(m_worker, &ConversationShelfWorker::created, this, &ConversationShelf::created);
    connect(m_worker, &ConversationShelfWorker::opened, this, &ConversationShelf::opened);
    connect(m_worker, &ConversationShelfWorker::refused, this, &ConversationShelf::refused);
    m_thread.setObjectName(QStringLiteral("conversations"));
    m_thread.start();
}

ConversationShelf::~ConversationShelf() {
    // Behind all that has been posted: a thread that quits drops what its objects have not received yet.
    QMetaObject::invokeMethod(
        m_worker, [] {}, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

ConversationShelf::Key ConversationShelf::newKey() {
    static Key last = 0;
    return ++last;
}

void ConversationShelf::setSearch(const QString& text) {
    m_search = text;
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, text] { worker->setSearch(text); });
}

void ConversationShelf::open(Key key, const QString& id) {
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, key, id] { worker->open(key, id); });
}

void ConversationShelf::create(Key key, const ChatSettings& settings) {
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, key, settings] { worker->create(key, settings); });
}

void ConversationShelf::write(Key key, Change change) {
    QMetaObject::invokeMethod(m_worker,
                              [worker = m_worker, key, change = std::move(change)] { worker->write(key, change); });
}

void ConversationShelf::rename(const QString& id, const QString& title) {
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, id = id.toStdString(), title = title.toStdString()] {
        worker->change(id, [&](ChatStore& store, const std::string& which) { store.rename(which, title); });
    });
}

void ConversationShelf::setDeleted(const QString& id, bool deleted) {
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, id = id.toStdString(), deleted] {
        worker->change(id, [deleted](ChatStore& store, const std::string& which) { store.setDeleted(which, deleted); });
    });
}

} // namespace lorikeet::ui
