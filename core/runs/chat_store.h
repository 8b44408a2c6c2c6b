// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/runs/chat_record.h"
#include "core/runs/data_folder.h"
#include "core/runs/store_access.h"

namespace lorikeet {

/// The conversations, in the same database as the runs. Threads, processes and errors as with RunStore; NotFound means
/// no such conversation or turn.
class ChatStore {
public:
    explicit ChatStore(const DataFolder& folder, StoreAccess access = StoreAccess::ReadWrite);
    ~ChatStore();
    ChatStore(const ChatStore&) = delete;
    ChatStore& operator=(const ChatStore&) = delete;

    /// As RunStore::changeCount: it grows when a run has changed, too.
    int64_t changeCount() const;

    Conversation create(const ChatSettings& settings);
    Conversation get(std::string_view id) const;
    /// Those changed last first; at most `limit`. Without deleted ones.
    std::vector<Conversation> list(int64_t limit = std::numeric_limits<int64_t>::max()) const;
    /// list() of those with `text` in their title, a prompt or an answer, whatever the case of its letters.
    std::vector<Conversation> search(std::string_view text, int64_t limit = std::numeric_limits<int64_t>::max()) const;

    void rename(std::string_view id, std::string_view title);
    /// Settings for the turns to come; what has been said keeps its own.
    void setSettings(std::string_view id, const ChatSettings& settings);

    /// All, the oldest first.
    std::vector<ChatTurn> turns(std::string_view id) const;
    /// Adds a turn at the end and returns its index, counted from 0.
    int64_t addTurn(std::string_view id, const ChatTurn& turn);
    /// Replaces a turn with its answers and vote.
    void replaceTurn(std::string_view id, int64_t index, const ChatTurn& turn);
    /// Replaces what one side said in a turn.
    void setAnswer(std::string_view id, int64_t index, int64_t side, const ChatAnswer& answer);
    void setVote(std::string_view id, int64_t index, std::string_view vote);
    /// Removes all turns but the first `count`: what editing a prompt does first.
    void truncate(std::string_view id, int64_t count);

    /// Hides the conversation from list() and search(), or shows it again; all of it is kept.
    void setDeleted(std::string_view id, bool deleted);
    /// Removes the conversations that have been hidden for at least `age`; returns how many.
    int64_t purgeDeleted(std::chrono::milliseconds age = {});
    void remove(std::string_view id);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
