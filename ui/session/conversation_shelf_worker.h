// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>

#include <memory>
#include <string>

#include "ui/session/conversation_shelf.h"

namespace lorikeet::ui {

/// The part of ConversationShelf that lives in its thread.
class ConversationShelfWorker : public QObject {
    Q_OBJECT
public:
    explicit ConversationShelfWorker(DataFolder folder);
    ~ConversationShelfWorker() override;

    void begin();
    void setSearch(const QString& text);
    void open(ConversationShelf::Key key, const QString& id);
    void create(ConversationShelf::Key key, const ChatSettings& settings);
    void write(ConversationShelf::Key key, const ConversationShelf::Change& change);
    void change(const std::string& id, const ConversationShelf::Change& change);

signals:
    void listed(const QString& search, const std::vector<lorikeet::Conversation>& list);
    void created(lorikeet::ui::ConversationShelf::Key key, const QString& id);
    void opened(lorikeet::ui::ConversationShelf::Key key, const lorikeet::Conversation& conversation,
                const std::vector<lorikeet::ChatTurn>& turns);
    void refused(const lorikeet::ui::Failure& why);

private:
    template <typename Body>
    void attempt(Body&& body);
    ChatStore& reader();
    ChatStore& writer();
    void list();

    DataFolder m_folder;
    std::unique_ptr<ChatStore> m_reader, m_writer;
    QString m_search;
    QHash<ConversationShelf::Key, std::string> m_ids;
};

} // namespace lorikeet::ui
