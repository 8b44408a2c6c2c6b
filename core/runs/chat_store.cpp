// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/chat_store.h"

#include "core/base/error.h"
#include "core/runs/chat_json.h"
#include "core/runs/chat_store_state.h"
#include "core/runs/folded_text.h"
#include "core/runs/run_id.h"

namespace lorikeet {

namespace {

constexpr std::string_view kColumns = "id, title, system_prompt, sampling, sides, created, updated, deleted, "
                                      "(SELECT count(*) FROM turns WHERE conversation = conversations.number)";

/// The columns of kColumns, in their order.
Conversation readConversation(const SQLite::Statement& row) {
    Conversation conversation;
    conversation.id = row.getColumn(0).getString();
    conversation.settings = {row.getColumn(1).getString(), optionalText(row.getColumn(2)),
                             chatSamplingFromJson(row.getColumn(3).getString()),
                             chatSidesFromJson(row.getColumn(4).getString())};
    conversation.created = row.getColumn(5).getInt64();
    conversation.updated = row.getColumn(6).getInt64();
    conversation.isDeleted = !row.getColumn(7).isNull();
    conversation.turns = row.getColumn(8).getInt64();
    return conversation;
}

std::vector<Conversation> readAll(SQLite::Statement& query) {
    std::vector<Conversation> all;
    while (query.executeStep())
        all.push_back(readConversation(query));
    return all;
}

void bindSettings(SQLite::Statement& statement, const ChatSettings& settings) {
    statement.bind(1, settings.title);
    bindOptional(statement, 2, settings.systemPrompt);
    statement.bind(3, toJson(settings.sampling));
    statement.bind(4, toJson(settings.sides));
}

} // namespace

int64_t conversationNumber(SQLite::Database& database, std::string_view id) {
    SQLite::Statement query(database, "SELECT number FROM conversations WHERE id = ?");
    query.bind(1, std::string(id));
    if (!query.executeStep())
        fail(ErrorCode::NotFound, "there is no conversation '{}'", id.substr(0, 64));
    return query.getColumn(0).getInt64();
}

ChatStore::ChatStore(const DataFolder& folder, StoreAccess access)
    : m_state(std::make_unique<State>(folder.database(), access)) {}

ChatStore::~ChatStore() = default;

int64_t ChatStore::changeCount() const {
    return m_state->changeCount();
}

Conversation ChatStore::create(const ChatSettings& settings) {
    const std::string id = newRunId();
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement insert(database, "INSERT INTO conversations (title, system_prompt, sampling, sides, id, "
                                           "created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)");
        bindSettings(insert, settings);
        insert.bind(5, id);
        insert.bind(6, millisecondsNow());
        insert.exec();
    });
    return get(id);
}

Conversation ChatStore::get(std::string_view id) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, fmt::format("SELECT {} FROM conversations WHERE id = ?", kColumns));
        query.bind(1, std::string(id));
        if (!query.executeStep())
            fail(ErrorCode::NotFound, "there is no conversation '{}'", id.substr(0, 64));
        return readConversation(query);
    });
}

std::vector<Conversation> ChatStore::list(int64_t limit) const {
    return m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, fmt::format("SELECT {} FROM conversations WHERE deleted IS NULL "
                                                      "ORDER BY updated DESC, number DESC LIMIT ?",
                                                      kColumns));
        query.bind(1, limit);
        return readAll(query);
    });
}

std::vector<Conversation> ChatStore::search(std::string_view text, int64_t limit) const {
    return m_state->read([&](SQLite::Database& database) {
        addFoldedFunction(database);
        SQLite::Statement query(database,
                                fmt::format("SELECT {} FROM conversations WHERE deleted IS NULL AND "
                                            "(instr(folded(title), ?1) OR EXISTS (SELECT 1 FROM turns "
                                            "LEFT JOIN answers ON answers.turn = turns.number "
                                            "WHERE turns.conversation = conversations.number AND "
                                            "(instr(folded(turns.prompt), ?1) OR instr(folded(answers.text), ?1)))) "
                                            "ORDER BY updated DESC, number DESC LIMIT ?2",
                                            kColumns));
        query.bind(1, foldedText(text));
        query.bind(2, limit);
        return readAll(query);
    });
}

void ChatStore::rename(std::string_view id, std::string_view title) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t number = conversationNumber(database, id);
        SQLite::Statement update(database, "UPDATE conversations SET title = ? WHERE number = ?");
        update.bind(1, std::string(title));
        update.bind(2, number);
        update.exec();
    });
}

void ChatStore::setSettings(std::string_view id, const ChatSettings& settings) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t number = conversationNumber(database, id);
        SQLite::Statement update(
            database,
            "UPDATE conversations SET title = ?, system_prompt = ?, sampling = ?, sides = ? WHERE number = ?");
        bindSettings(update, settings);
        update.bind(5, number);
        update.exec();
    });
}

void ChatStore::setDeleted(std::string_view id, bool deleted) {
    m_state->write([&](SQLite::Database& database) {
        const int64_t number = conversationNumber(database, id);
        SQLite::Statement update(database, "UPDATE conversations SET deleted = ? WHERE number = ?");
        bindOptional(update, 1, deleted ? std::optional(millisecondsNow()) : std::nullopt);
        update.bind(2, number);
        update.exec();
    });
}

int64_t ChatStore::purgeDeleted(std::chrono::milliseconds age) {
    int64_t removed = 0;
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement statement(database, "DELETE FROM conversations WHERE deleted <= ?");
        statement.bind(1, millisecondsNow() - age.count());
        removed = statement.exec();
    });
    return removed;
}

void ChatStore::remove(std::string_view id) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement statement(database, "DELETE FROM conversations WHERE number = ?");
        statement.bind(1, conversationNumber(database, id));
        statement.exec();
    });
}

} // namespace lorikeet
