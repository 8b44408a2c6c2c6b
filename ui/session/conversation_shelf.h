// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <vector>

#include "core/runs/chat_record.h"
#include "core/runs/data_folder.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"

namespace lorikeet {
class ChatStore;
}

namespace lorikeet::ui {

class ConversationShelfWorker;

/// The conversations that the database keeps: a list that follows each change, and a thread of its own that reads and
/// writes in the order of the calls. Who works on a conversation names it by a key of its own, from before it is in
/// the database. GUI thread.
class ConversationShelf : public QObject {
    Q_OBJECT
public:
    using Key = quint64;
    using Change = std::function<void(ChatStore&, const std::string& id)>;

    explicit ConversationShelf(DataFolder folder, QObject* parent = nullptr);
    /// Waits until all that was asked for is written.
    ~ConversationShelf() override;

    /// Those that fit the search, the one changed last first.
    const std::vector<Conversation>& list() const { return m_list; }
    bool isLoaded() const { return m_isLoaded; }
    const QString& search() const { return m_search; }
    void setSearch(const QString& text);

    static Key newKey();
    /// Reads a conversation, which `key` names from now on; opened() or refused() follows.
    void open(Key key, const QString& id);
    /// Puts a new conversation into the database under `key`; created() follows.
    void create(Key key, const ChatSettings& settings);
    /// Has `change` made to the conversation, on the shelf's thread: it captures values only.
    void write(Key key, Change change);
    void rename(const QString& id, const QString& title);
    /// Hides a conversation, or shows it again; a hidden one is purged after a day.
    void setDeleted(const QString& id, bool deleted);

signals:
    void changed();
    void created(lorikeet::ui::ConversationShelf::Key key, const QString& id);
    void opened(lorikeet::ui::ConversationShelf::Key key, const lorikeet::Conversation& conversation,
                const std::vector<lorikeet::ChatTurn>& turns);
    /// Something could not be read or written.
    void refused(const lorikeet::ui::Failure& why);

private:
    friend class ConversationShelfWorker;
    void take(const QString& search, const std::vector<Conversation>& list);

    std::vector<Conversation> m_list;
    bool m_isLoaded = false;
    QString m_search;
    Mailbox m_mailbox;
    std::unique_ptr<ConversationShelfWorker> m_worker;
};

} // namespace lorikeet::ui
