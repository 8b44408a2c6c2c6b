// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <bit>

#include "core/base/error.h"
#include "core/runs/chat_json.h"
#include "core/runs/chat_store_state.h"

namespace lorikeet {

namespace {

void requireSides(int64_t sides) {
    if (sides > kMostChatSides)
        fail(ErrorCode::InvalidArgument, "a conversation of {} sides; at most {} are kept", sides, kMostChatSides);
}

int64_t turnCount(SQLite::Database& database, int64_t conversation) {
    SQLite::Statement query(database, "SELECT count(*) FROM turns WHERE conversation = ?");
    query.bind(1, conversation);
    query.executeStep();
    return query.getColumn(0).getInt64();
}

/// The row number of a turn. Throws NotFound.
int64_t turnNumber(SQLite::Database& database, std::string_view id, int64_t index) {
    SQLite::Statement query(database, "SELECT number FROM turns WHERE conversation = ? AND position = ?");
    query.bind(1, conversationNumber(database, id));
    query.bind(2, index);
    if (!query.executeStep())
        fail(ErrorCode::NotFound, "conversation '{}': there is no turn {}", id.substr(0, 64), index);
    return query.getColumn(0).getInt64();
}

void touch(SQLite::Database& database, std::string_view id) {
    SQLite::Statement update(database, "UPDATE conversations SET updated = ? WHERE id = ?");
    update.bind(1, millisecondsNow());
    update.bind(2, std::string(id));
    update.exec();
}

void putAnswer(SQLite::Database& database, int64_t turn, int64_t side, const ChatAnswer& answer) {
    SQLite::Statement insert(database, "INSERT OR REPLACE INTO answers (turn, side, text, label, source, seed, tokens, "
                                       "tokens_per_second, stop_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, turn);
    insert.bind(2, side);
    insert.bind(3, answer.text);
    insert.bind(4, answer.label);
    insert.bind(5, toJson(answer.source));
    insert.bind(6, std::bit_cast<int64_t>(answer.seed));
    insert.bind(7, answer.tokens);
    bindFinite(insert, 8, answer.tokensPerSecond);
    insert.bind(9, answer.stopReason);
    insert.exec();
}

void putTurn(SQLite::Database& database, int64_t conversation, int64_t index, const ChatTurn& turn) {
    SQLite::Statement insert(database, "INSERT OR REPLACE INTO turns (conversation, position, prompt, vote, created) "
                                       "VALUES (?, ?, ?, ?, ?) RETURNING number");
    insert.bind(1, conversation);
    insert.bind(2, index);
    insert.bind(3, turn.prompt);
    insert.bind(4, turn.vote);
    insert.bind(5, turn.created ? turn.created : millisecondsNow());
    insert.executeStep();
    const int64_t number = insert.getColumn(0).getInt64();
    insert.reset();
    for (std::size_t side = 0; side < turn.answers.size(); ++side)
        if (turn.answers[side])
            putAnswer(database, number, int64_t(side), *turn.answers[side]);
}

/// The fields of an answer, from column `first` on.
ChatAnswer readAnswer(const SQLite::Statement& row, int first) {
    return {.text = row.getColumn(first).getString(),
            .label = row.getColumn(first + 1).getString(),
            .source = chatSideFromJson(row.getColumn(first + 2).getString()),
            .seed = std::bit_cast<uint64_t>(row.getColumn(first + 3).getInt64()),
            .tokens = row.getColumn(first + 4).getInt64(),
            .tokensPerSecond = valueOrNan(row.getColumn(first + 5)),
            .stopReason = row.getColumn(first + 6).getString()};
}

} // namespace

std::vector<ChatTurn> ChatStore::turns(std::string_view id) const {
    return m_state->readAtOnce([&](SQLite::Database& database) {
        SQLite::Statement query(database,
                                "SELECT turns.number, prompt, vote, created, side, text, label, source, seed, "
                                "tokens, tokens_per_second, stop_reason FROM turns "
                                "LEFT JOIN answers ON answers.turn = turns.number "
                                "WHERE conversation = ? ORDER BY position, side");
        query.bind(1, conversationNumber(database, id));
        std::vector<ChatTurn> turns;
        std::optional<int64_t> last;
        while (query.executeStep()) {
            if (last != query.getColumn(0).getInt64())
                turns.push_back({query.getColumn(1).getString(),
                                 {},
                                 query.getColumn(2).getString(),
                                 query.getColumn(3).getInt64()});
            last = query.getColumn(0).getInt64();
            if (query.getColumn(4).isNull())
                continue;
            const int64_t side = query.getColumn(4).getInt64();
            if (side < 0 || side >= kMostChatSides)
                fail(ErrorCode::BadFile, "conversation '{}': the database holds an answer of side {}", id, side);
            std::vector<std::optional<ChatAnswer>>& answers = turns.back().answers;
            answers.resize(std::max(answers.size(), std::size_t(side) + 1));
            answers[std::size_t(side)] = readAnswer(query, 5);
        }
        return turns;
    });
}

int64_t ChatStore::addTurn(std::string_view id, const ChatTurn& turn) {
    requireSides(int64_t(turn.answers.size()));
    int64_t index = 0;
    m_state->write([&](SQLite::Database& database) {
        const int64_t conversation = conversationNumber(database, id);
        index = turnCount(database, conversation);
        putTurn(database, conversation, index, turn);
        touch(database, id);
    });
    return index;
}

void ChatStore::replaceTurn(std::string_view id, int64_t index, const ChatTurn& turn) {
    requireSides(int64_t(turn.answers.size()));
    m_state->write([&](SQLite::Database& database) {
        turnNumber(database, id, index);
        putTurn(database, conversationNumber(database, id), index, turn);
        touch(database, id);
    });
}

void ChatStore::setAnswer(std::string_view id, int64_t index, int64_t side, const ChatAnswer& answer) {
    if (side < 0)
        fail(ErrorCode::InvalidArgument, "conversation '{}': there is no side {}", id.substr(0, 64), side);
    requireSides(side + 1);
    m_state->write([&](SQLite::Database& database) {
        putAnswer(database, turnNumber(database, id, index), side, answer);
        touch(database, id);
    });
}

void ChatStore::setVote(std::string_view id, int64_t index, std::string_view vote) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement update(database, "UPDATE turns SET vote = ? WHERE number = ?");
        update.bind(1, std::string(vote));
        update.bind(2, turnNumber(database, id, index));
        update.exec();
    });
}

void ChatStore::truncate(std::string_view id, int64_t count) {
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement statement(database, "DELETE FROM turns WHERE conversation = ? AND position >= ?");
        statement.bind(1, conversationNumber(database, id));
        statement.bind(2, count);
        if (statement.exec() > 0)
            touch(database, id);
    });
}

} // namespace lorikeet
