// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>

#include <functional>
#include <optional>
#include <vector>

#include "core/runs/chat_record.h"
#include "ui/session/chat_service.h"
#include "ui/session/conversation_shelf.h"

namespace lorikeet::ui {

/// An answer that is being written.
struct AnswerProgress {
    enum class Phase { Waiting, Loading, Reading, Writing };
    Phase phase = Phase::Waiting;
    double fraction = 0.0; ///< of Loading
    qint64 tokens = 0;
    double tokensPerSecond = 0.0;
    bool isStopping = false;
    ChatAnswer answer; ///< what is known of it so far
};

/// The conversation on the page: its turns and settings, the answers on their way, and what one does with them. It
/// keeps all of it on the shelf. A conversation is put there with its first turn. GUI thread.
class Talk : public QObject {
    Q_OBJECT
public:
    Talk(ChatService& service, ConversationShelf& shelf, QObject* parent = nullptr);
    ~Talk() override;

    /// How an answer's maker is called, in words that stay with the answer.
    void setLabeller(std::function<QString(const ChatSide&)> labeller) { m_labeller = std::move(labeller); }

    /// Empty while it is not on the shelf.
    const QString& id() const { return m_id; }
    const ChatSettings& settings() const { return m_settings; }
    const std::vector<ChatTurn>& turns() const { return m_turns; }
    int sides() const { return int(m_settings.sides.size()); }
    bool isAnswering() const;
    /// Null where that side is silent there.
    const AnswerProgress* progress(int turn, int side) const;
    /// Why the last try to answer there failed; null where it did not.
    const Failure* failure(int turn, int side) const;

    /// Leaves the conversation, whose answers stop and are kept as far as they are, for a new one.
    void begin(const ChatSettings& settings);
    /// Leaves it for one on the shelf as soon as that is read; begun() follows. Where it cannot be read, or another
    /// prompt is sent before, this one stays.
    void open(const QString& id);

    void setTitle(const QString& title);
    void setSides(std::vector<ChatSide> sides);
    void setSampling(const ChatSampling& sampling);
    void setSystemPrompt(const std::optional<std::string>& prompt);

    /// Asks all sides. Nothing may be on its way.
    void send(const QString& prompt);
    /// Has one side answer again, with the settings of now.
    void regenerate(int turn, int side);
    /// Puts another prompt in place of a turn's and asks again; later turns go. Returns what went, for putBack().
    std::vector<ChatTurn> resend(int turn, const QString& prompt);
    /// Puts turns in place of those from `turn` on, where this is still the conversation `id`.
    void putBack(const QString& id, int turn, const std::vector<ChatTurn>& turns);
    void stop();
    void stop(int turn, int side);

signals:
    /// Another conversation stands here.
    void begun();
    void settingsChanged();
    void turnAdded(int turn);
    /// Turns from `first` on are other ones, or gone.
    void turnsReplaced(int first);
    /// State or text of an answer is another.
    void answerChanged(int turn, int side);
    /// An answer that is on its way has grown by `text`.
    void answerGrew(int turn, int side, const QString& text);
    /// Whether anything is on its way has changed.
    void answeringChanged();
    void factsChanged(int side, const lorikeet::ui::ChatFacts& facts);

private:
    struct Pending {
        ConversationShelf::Key key;
        int turn, side;
        AnswerProgress progress;
    };
    using Place = std::pair<int, int>; ///< turn, side

    void leave();
    void keepSettings();
    void addTurn(const QString& prompt);
    void truncate(int count);
    void ask(int turn, int side);
    Pending* pending(ChatService::Ticket ticket);
    bool isHere(const Pending& pending) const { return pending.key == m_key; }
    void take(ChatService::Ticket ticket, const ChatEnd& end);
    void dropPendingFrom(int turn);

    ChatService& m_service;
    ConversationShelf& m_shelf;
    std::function<QString(const ChatSide&)> m_labeller;
    ConversationShelf::Key m_key;
    ConversationShelf::Key m_opening = 0; ///< of the one that is being read; 0: none
    QString m_id;
    bool m_isKept = false; ///< has been put on the shelf, though its id may still be on the way
    ChatSettings m_settings;
    std::vector<ChatTurn> m_turns;
    QHash<ChatService::Ticket, Pending> m_pending;
    QHash<Place, Failure> m_failures;
};

} // namespace lorikeet::ui
