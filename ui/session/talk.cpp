// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/talk.h"

#include <QSignalBlocker>

#include <algorithm>
#include <limits>

#include "core/runs/chat_store.h"
#include "ui/session/talk_question.h"

namespace lorikeet::ui {

Talk::Talk(ChatService& service, ConversationShelf& shelf, QObject* parent)
    : QObject(parent), m_service(service), m_shelf(shelf), m_key(ConversationShelf::newKey()) {
    connect(&m_shelf, &ConversationShelf::created, this, [this](ConversationShelf::Key key, const QString& id) {
        if (key != m_key)
            return;
        m_id = id;
        emit settingsChanged();
    });
    connect(&m_shelf, &ConversationShelf::opened, this,
            [this](ConversationShelf::Key key, const Conversation& conversation, const std::vector<ChatTurn>& turns) {
                if (key != m_opening)
                    return; // another one is wanted by now
                leave();
                m_key = key;
                m_id = QString::fromStdString(conversation.id);
                m_isKept = true;
                m_settings = conversation.settings;
                m_turns = turns;
                emit begun();
                emit answeringChanged();
            });
    connect(&m_service, &ChatService::loading, this, [this](ChatService::Ticket ticket, double fraction) {
        if (Pending* item = pending(ticket); item && isHere(*item)) {
            item->progress.phase = AnswerProgress::Phase::Loading;
            item->progress.fraction = fraction;
            emit answerChanged(item->turn, item->side);
        }
    });
    connect(&m_service, &ChatService::opened, this, [this](ChatService::Ticket ticket, const ChatFacts& facts) {
        if (Pending* item = pending(ticket); item && isHere(*item)) {
            item->progress.phase = AnswerProgress::Phase::Reading;
            const bool standsThere =
                item->side < sides() && m_settings.sides[std::size_t(item->side)] == item->progress.answer.source;
            if (standsThere)
                emit factsChanged(item->side, facts);
            emit answerChanged(item->turn, item->side);
        }
    });
    connect(&m_service, &ChatService::wrote, this,
            [this](ChatService::Ticket ticket, const QString& text, qint64 tokens, double speed) {
                Pending* item = pending(ticket);
                if (!item)
                    return;
                item->progress.phase = AnswerProgress::Phase::Writing;
                item->progress.tokens = tokens;
                item->progress.tokensPerSecond = speed;
                item->progress.answer.text += text.toStdString();
                if (isHere(*item))
                    emit answerGrew(item->turn, item->side, text);
            });
    connect(&m_service, &ChatService::ended, this, &Talk::take);
}

Talk::~Talk() {
    const QSignalBlocker silence(this); // who listens may be half gone
    leave();
    // What stops now is not heard of any more: it is kept as far as it is.
    for (const Pending& item : qAsConst(m_pending))
        if (!item.progress.answer.text.empty()) {
            ChatAnswer answer = item.progress.answer;
            answer.stopReason = "stopped";
            m_shelf.write(item.key,
                          [turn = item.turn, side = item.side, answer](ChatStore& store, const std::string& id) {
                              store.setAnswer(id, turn, side, answer);
                          });
        }
}

bool Talk::isAnswering() const {
    return std::any_of(m_pending.begin(), m_pending.end(), [this](const Pending& item) { return isHere(item); });
}

const AnswerProgress* Talk::progress(int turn, int side) const {
    for (const Pending& item : m_pending)
        if (isHere(item) && item.turn == turn && item.side == side)
            return &item.progress;
    return nullptr;
}

const Failure* Talk::failure(int turn, int side) const {
    const auto at = m_failures.constFind(Place(turn, side));
    return at == m_failures.constEnd() ? nullptr : &*at;
}

Talk::Pending* Talk::pending(ChatService::Ticket ticket) {
    const auto at = m_pending.find(ticket);
    return at == m_pending.end() ? nullptr : &*at;
}

void Talk::leave() {
    stop();
    m_key = ConversationShelf::newKey();
    m_opening = 0;
    m_id.clear();
    m_isKept = false;
    m_turns.clear();
    m_failures.clear();
}

void Talk::begin(const ChatSettings& settings) {
    leave();
    m_settings = settings;
    emit begun();
    emit answeringChanged();
}

void Talk::open(const QString& id) {
    m_opening = ConversationShelf::newKey();
    m_shelf.open(m_opening, id);
}

void Talk::keepSettings() {
    if (m_isKept)
        m_shelf.write(m_key, [settings = m_settings](ChatStore& store, const std::string& id) {
            store.setSettings(id, settings);
        });
    emit settingsChanged();
}

void Talk::setTitle(const QString& title) {
    m_settings.title = title.toStdString();
    keepSettings();
}

void Talk::setSides(std::vector<ChatSide> sides) {
    if (sides == m_settings.sides)
        return;
    m_settings.sides = std::move(sides);
    keepSettings();
}

void Talk::setSampling(const ChatSampling& sampling) {
    if (sampling == m_settings.sampling)
        return;
    m_settings.sampling = sampling;
    keepSettings();
}

void Talk::setSystemPrompt(const std::optional<std::string>& prompt) {
    if (prompt == m_settings.systemPrompt)
        return;
    m_settings.systemPrompt = prompt;
    keepSettings();
}

void Talk::addTurn(const QString& prompt) {
    ChatTurn turn;
    turn.prompt = prompt.toStdString();
    turn.answers.resize(m_settings.sides.size());
    m_shelf.write(m_key, [turn](ChatStore& store, const std::string& id) { store.addTurn(id, turn); });
    m_turns.push_back(turn);
}

void Talk::send(const QString& prompt) {
    Q_ASSERT(!isAnswering());
    if (!m_isKept) {
        if (m_settings.title.empty())
            m_settings.title = titleFrom(prompt).toStdString();
        m_shelf.create(m_key, m_settings);
        m_isKept = true;
        emit settingsChanged();
    }
    addTurn(prompt);
    const int turn = int(m_turns.size()) - 1;
    for (int side = 0; side < sides(); ++side)
        ask(turn, side);
    emit turnAdded(turn);
    emit answeringChanged();
}

void Talk::regenerate(int turn, int side) {
    if (progress(turn, side) || side >= sides())
        return;
    ask(turn, side);
    emit answerChanged(turn, side);
    emit answeringChanged();
}

std::vector<ChatTurn> Talk::resend(int turn, const QString& prompt) {
    std::vector<ChatTurn> gone(m_turns.begin() + turn, m_turns.end());
    truncate(turn);
    addTurn(prompt);
    for (int side = 0; side < sides(); ++side)
        ask(turn, side);
    emit turnsReplaced(turn);
    emit answeringChanged();
    return gone;
}

void Talk::putBack(const QString& id, int turn, const std::vector<ChatTurn>& turns) {
    if (id != m_id || turn > int(m_turns.size()))
        return;
    truncate(turn);
    for (const ChatTurn& one : turns) {
        m_shelf.write(m_key, [one](ChatStore& store, const std::string& which) { store.addTurn(which, one); });
        m_turns.push_back(one);
    }
    emit turnsReplaced(turn);
    emit answeringChanged();
}

void Talk::truncate(int count) {
    dropPendingFrom(count);
    for (auto at = m_failures.begin(); at != m_failures.end();)
        at = at.key().first >= count ? m_failures.erase(at) : std::next(at);
    m_turns.resize(std::size_t(count));
    m_shelf.write(m_key, [count](ChatStore& store, const std::string& id) { store.truncate(id, count); });
}

void Talk::dropPendingFrom(int turn) {
    for (auto at = m_pending.begin(); at != m_pending.end();) {
        if (isHere(*at) && at->turn >= turn) {
            m_service.stop(at.key());
            at = m_pending.erase(at);
        } else {
            ++at;
        }
    }
}

void Talk::stop() {
    for (auto at = m_pending.begin(); at != m_pending.end(); ++at)
        if (isHere(*at)) {
            at->progress.isStopping = true;
            m_service.stop(at.key());
            emit answerChanged(at->turn, at->side);
        }
}

void Talk::stop(int turn, int side) {
    for (auto at = m_pending.begin(); at != m_pending.end(); ++at)
        if (isHere(*at) && at->turn == turn && at->side == side) {
            at->progress.isStopping = true;
            m_service.stop(at.key());
            emit answerChanged(turn, side);
        }
}

void Talk::ask(int turn, int side) {
    m_opening = 0; // whoever asks here stays here
    const ChatSide& source = m_settings.sides[std::size_t(side)];
    m_failures.remove(Place(turn, side));
    Pending item{m_key, turn, side, {}};
    item.progress.answer.source = source;
    item.progress.answer.seed = m_settings.sampling.seed;
    if (m_labeller)
        item.progress.answer.label = m_labeller(source).toStdString();
    m_pending.insert(m_service.ask(side, questionOf(m_settings, m_turns, turn, side)), item);
}

void Talk::take(ChatService::Ticket ticket, const ChatEnd& end) {
    const auto at = m_pending.find(ticket);
    if (at == m_pending.end())
        return;
    const Pending item = *at;
    m_pending.erase(at);
    const bool saysNothing = end.text.isEmpty() && end.stopReason == QLatin1String("stopped");
    if (!end.failure && !saysNothing) {
        ChatAnswer answer = item.progress.answer;
        answer.text = end.text.toStdString();
        answer.tokens = end.tokens;
        answer.tokensPerSecond =
            end.tokensPerSecond > 0.0 ? end.tokensPerSecond : std::numeric_limits<double>::quiet_NaN();
        answer.stopReason = end.stopReason.toStdString();
        m_shelf.write(item.key, [turn = item.turn, side = item.side, answer](ChatStore& store, const std::string& id) {
            store.setAnswer(id, turn, side, answer);
        });
        if (isHere(item)) {
            auto& answers = m_turns[std::size_t(item.turn)].answers;
            answers.resize(std::max(answers.size(), std::size_t(item.side) + 1));
            answers[std::size_t(item.side)] = answer;
        }
    } else if (isHere(item) && end.failure && !end.failure->isCancelled()) {
        m_failures.insert(Place(item.turn, item.side), *end.failure);
    }
    if (!isHere(item))
        return;
    emit answerChanged(item.turn, item.side);
    emit answeringChanged();
}

} // namespace lorikeet::ui
