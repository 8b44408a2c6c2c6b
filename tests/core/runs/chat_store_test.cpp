// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/chat_store.h"

#include <thread>

#include <SQLiteCpp/Database.h>

#include "tests/core/runs/runs_test.h"

namespace lorikeet {
namespace {

ChatSettings pencils() {
    return {.title = "Pencils and tickets",
            .systemPrompt = "Be brief.",
            .sampling = {.temperature = 0.25, .topP = 0.5, .repetitionPenalty = 1.5, .maxNewTokens = 9, .seed = ~0ull},
            .sides = {{.model = "smol"}, {.model = "smol", .adapter = "runs/x/adapter", .run = "x", .step = 444}}};
}

ChatAnswer answer(const std::string& text) {
    return {.text = text,
            .label = "gsm8k r16, step 444",
            .source = {.model = "smol", .adapter = "runs/x/adapter", .run = "x", .step = 444},
            .seed = ~0ull,
            .tokens = 44,
            .tokensPerSecond = 52.5,
            .stopReason = "end"};
}

class ChatStoreTest : public RunsTest {
protected:
    std::vector<std::string> titles(const std::vector<Conversation>& conversations) {
        std::vector<std::string> titles;
        for (const Conversation& conversation : conversations)
            titles.push_back(conversation.settings.title);
        return titles;
    }
    void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }
};

using Titles = std::vector<std::string>;

TEST_F(ChatStoreTest, KeepsAConversationWithAllThatWasSaid) {
    std::string id;
    {
        ChatStore store(m_folder);
        id = store.create(pencils()).id;
        EXPECT_EQ(store.addTurn(id, {.prompt = "What is 15 % of 80?", .answers = {answer("12"), answer("#### 12")}}),
                  0);
        EXPECT_EQ(store.addTurn(id, {.prompt = "And 20 %?", .answers = {std::nullopt, answer("16")}}), 1);
        EXPECT_EQ(store.addTurn(id, {.prompt = "", .created = 5}), 2);
        store.setVote(id, 1, "right");
    }
    const ChatStore store(m_folder, StoreAccess::ReadOnly);
    const Conversation conversation = store.get(id);
    EXPECT_EQ(conversation.settings, pencils());
    EXPECT_EQ(conversation.turns, 3);
    EXPECT_GT(conversation.created, 1'600'000'000'000);
    EXPECT_GE(conversation.updated, conversation.created);
    const auto turns = store.turns(id);
    ASSERT_EQ(turns.size(), 3u);
    EXPECT_EQ(turns[0].prompt, "What is 15 % of 80?");
    ASSERT_EQ(turns[0].answers.size(), 2u);
    EXPECT_EQ(turns[0].answers[0], answer("12"));
    EXPECT_EQ(turns[0].answers[1], answer("#### 12"));
    ASSERT_EQ(turns[1].answers.size(), 2u);
    EXPECT_FALSE(turns[1].answers[0]);
    EXPECT_EQ(turns[1].vote, "right");
    EXPECT_TRUE(turns[2].answers.empty());
    EXPECT_EQ(turns[2].created, 5);
}

TEST_F(ChatStoreTest, AnAnswerKeepsItsLabelWhenTheSettingsChange) {
    ChatStore store(m_folder);
    const std::string id = store.create(pencils()).id;
    store.addTurn(id, {.prompt = "Why?", .answers = {answer("So.")}});
    ChatSettings other{.title = "Other", .sides = {{.model = "llama"}}};
    store.setSettings(id, other);
    EXPECT_EQ(store.get(id).settings, other);
    EXPECT_FALSE(store.get(id).settings.systemPrompt);
    EXPECT_EQ(store.turns(id).at(0).answers.at(0), answer("So."));
    store.rename(id, "Renamed");
    other.title = "Renamed";
    EXPECT_EQ(store.get(id).settings, other);
}

TEST_F(ChatStoreTest, EditingAPromptCutsWhatFollowedIt) {
    ChatStore store(m_folder);
    const std::string id = store.create(pencils()).id;
    for (const char* prompt : {"one", "two", "three"})
        store.addTurn(id, {.prompt = prompt, .answers = {answer(prompt), answer(prompt)}, .vote = "tie"});
    store.truncate(id, 2);
    store.replaceTurn(id, 1, {.prompt = "another", .answers = {answer("left only")}});
    auto turns = store.turns(id);
    ASSERT_EQ(turns.size(), 2u);
    EXPECT_EQ(turns[1].prompt, "another");
    EXPECT_EQ(turns[1].vote, "");
    ASSERT_EQ(turns[1].answers.size(), 1u);
    store.setAnswer(id, 1, 1, answer("again"));
    store.setAnswer(id, 1, 1, answer("and again"));
    turns = store.turns(id);
    EXPECT_EQ(turns[1].answers.at(0), answer("left only"));
    EXPECT_EQ(turns[1].answers.at(1), answer("and again"));
    EXPECT_EQ(store.addTurn(id, {.prompt = "three again"}), 2);
    SQLite::Database database(m_folder.database().string(), SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM answers").getInt(), 4) << "nothing is left of what was cut";
}

TEST_F(ChatStoreTest, ListsTheOneThatWasChangedLastFirst) {
    ChatStore store(m_folder);
    std::vector<std::string> ids;
    for (const char* title : {"a", "b", "c"}) {
        ids.push_back(store.create({.title = title, .sides = {}}).id);
        pause();
    }
    EXPECT_EQ(titles(store.list()), (Titles{"c", "b", "a"}));
    store.addTurn(ids[0], {.prompt = "new"});
    EXPECT_EQ(titles(store.list()), (Titles{"a", "c", "b"}));
    store.rename(ids[1], "B");
    EXPECT_EQ(titles(store.list(2)), (Titles{"a", "c"})) << "renaming is no saying";
}

TEST_F(ChatStoreTest, SearchesTitlesPromptsAndAnswersWhateverTheCase) {
    ChatStore store(m_folder);
    const std::string sheep = store.create({.title = "Sch\u00e4fchen", .sides = {}}).id;
    pause();
    const std::string trains = store.create({.title = "Trains", .sides = {}}).id;
    store.addTurn(sheep, {.prompt = "100% _wool_?", .answers = {answer("Yes."), answer("Of the STRASSE.")}});
    pause();
    store.addTurn(trains, {.prompt = "Where do they MEET?"});
    EXPECT_EQ(titles(store.search("SCH\u00c4F")), (Titles{"Sch\u00e4fchen"}));
    EXPECT_EQ(titles(store.search("stra\u00dfe")), (Titles{"Sch\u00e4fchen"}));
    EXPECT_EQ(titles(store.search("meet")), (Titles{"Trains"}));
    EXPECT_EQ(titles(store.search("% _")), (Titles{"Sch\u00e4fchen"})) << "no character is a wildcard";
    EXPECT_TRUE(store.search("w%l").empty());
    EXPECT_EQ(titles(store.search("")), (Titles{"Trains", "Sch\u00e4fchen"}));
    EXPECT_EQ(store.search("e", 1).size(), 1u);
    store.setDeleted(trains, true);
    EXPECT_TRUE(store.search("meet").empty());
}

TEST_F(ChatStoreTest, DeletingHidesUntilThePurge) {
    ChatStore store(m_folder);
    const std::string id = store.create(pencils()).id, kept = store.create({.title = "kept", .sides = {}}).id;
    store.addTurn(id, {.prompt = "one", .answers = {answer("two")}});
    store.setDeleted(id, true);
    EXPECT_EQ(titles(store.list()), (Titles{"kept"}));
    EXPECT_TRUE(store.get(id).isDeleted);
    store.setDeleted(id, false);
    EXPECT_EQ(store.list().size(), 2u);
    EXPECT_EQ(store.turns(id).size(), 1u);
    store.setDeleted(id, true);
    EXPECT_EQ(store.purgeDeleted(std::chrono::hours(1)), 0);
    EXPECT_EQ(store.purgeDeleted(), 1);
    EXPECT_EQ(codeOf([&] { store.get(id); }), ErrorCode::NotFound);
    store.remove(kept);
    EXPECT_TRUE(store.list().empty());
    SQLite::Database database(m_folder.database().string(), SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("SELECT (SELECT count(*) FROM turns) + (SELECT count(*) FROM answers)").getInt(), 0);
}

TEST_F(ChatStoreTest, AnUnknownConversationTurnOrSideIsRefused) {
    ChatStore store(m_folder);
    const std::string id = store.create(pencils()).id;
    EXPECT_EQ(codeOf([&] { store.get("nope"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { store.turns("nope"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { store.addTurn("nope", {}); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { store.remove("nope"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { store.replaceTurn(id, 0, {}); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { store.setVote(id, 0, "left"); }), ErrorCode::NotFound);
    store.addTurn(id, {});
    EXPECT_EQ(codeOf([&] { store.setAnswer(id, 0, kMostChatSides, answer("")); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf([&] { store.setAnswer(id, 0, -1, answer("")); }), ErrorCode::InvalidArgument);
}

TEST_F(ChatStoreTest, DamagedJsonInsideTheDatabaseIsATypedError) {
    ChatStore store(m_folder);
    const std::string id = store.create(pencils()).id;
    store.addTurn(id, {.prompt = "p", .answers = {answer("a")}});
    SQLite::Database database(m_folder.database().string(), SQLite::OPEN_READWRITE, 10'000);
    for (const char* broken : {"", "[1]", "{\"model\":1}", "7", "\xff"}) {
        SQLite::Statement update(database, "UPDATE answers SET source = ?");
        update.bind(1, std::string(broken));
        update.exec();
        EXPECT_EQ(codeOf([&] { store.turns(id); }), ErrorCode::BadFile) << broken;
    }
    database.exec("UPDATE conversations SET sampling = '[]'");
    EXPECT_EQ(codeOf([&] { store.list(); }), ErrorCode::BadFile);
    database.exec("UPDATE conversations SET sampling = '{}', sides = '{\"a\":1}'");
    EXPECT_EQ(codeOf([&] { store.get(id); }), ErrorCode::BadFile);
    database.exec("UPDATE answers SET side = 1000000000");
    EXPECT_EQ(codeOf([&] { store.turns(id); }), ErrorCode::BadFile);
}

TEST_F(ChatStoreTest, ThreadsWriteWhileARunIsRecorded) {
    ChatStore store(m_folder);
    RunStore runs(m_folder);
    const std::string id = store.create(pencils()).id, run = runs.create(kAnyRun).id;
    const int64_t before = runs.changeCount();
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 3; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 20; ++i)
                    store.addTurn(id, {.prompt = "p", .answers = {answer("a")}});
            });
        threads.emplace_back([&] {
            for (int64_t step = 1; step <= 60; ++step)
                runs.recordStep(run, {.step = step}, {});
        });
    }
    EXPECT_EQ(store.turns(id).size(), 60u);
    EXPECT_EQ(runs.metrics(run).size(), 60u);
    EXPECT_GT(runs.changeCount(), before + 60) << "chat changes are seen by a store of runs too";
}

TEST_F(ChatStoreTest, SearchingAThousandConversationsIsQuick) {
    ChatStore store(m_folder);
    store.create(pencils());
    {
        SQLite::Database database(m_folder.database().string(), SQLite::OPEN_READWRITE, 10'000);
        database.exec(
            "BEGIN; WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
            "INSERT INTO conversations (number, id, title, sampling, sides, created, updated) "
            "SELECT i, printf('%026d', i), 'chat', '{}', '[]', i, i FROM n;"
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
            "INSERT INTO turns (conversation, position, prompt, created) "
            "SELECT number, i, 'a prompt of ordinary length, one would say', 1 FROM conversations, n;"
            "INSERT INTO answers (turn, side, text, label, source, seed, tokens, stop_reason) SELECT number, 0, "
            "replace(hex(zeroblob(250)), '00', 'ab c'), 'l', '{\"model\":\"m\"}', 0, 1, 'end' FROM turns; COMMIT");
    }
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(store.search("not to be found").empty());
    const auto taken = std::chrono::steady_clock::now() - begin;
    const auto milliseconds = int(std::chrono::duration_cast<std::chrono::milliseconds>(taken).count());
    RecordProperty("search_10_mb_ms", milliseconds);
    EXPECT_LT(milliseconds, 3000);
}

} // namespace
} // namespace lorikeet
