// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/runs/chat_record.h"
#include "ui/session/failure.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

class ChatVoice;

/// What a side is asked.
struct ChatQuestion {
    ChatSide side;
    /// Whose adapter says how the base should be in memory, where the side has none: so that both share one base.
    std::optional<std::string> likeAdapter = {};
    std::optional<std::string> systemPrompt = {};
    struct Exchange {
        std::string prompt, answer;
    };
    std::vector<Exchange> history = {};
    std::string prompt;
    ChatSampling sampling = {};
};

/// What is known of a side once its model is open.
struct ChatFacts {
    QString dataType;     ///< "NF4", "BF16"
    QString weightsId;    ///< the first characters of what tells these weights from others; empty: unknown
    QString adapterId;    ///< the same of the adapter; empty: none
    bool isPlain = false; ///< texts are continued as they are: there is no chat template to use
    bool operator==(const ChatFacts&) const = default;
};

/// How an answer ended.
struct ChatEnd {
    QString text;
    qint64 tokens = 0;
    double tokensPerSecond = 0.0;
    QString stopReason; ///< "end", "length", "stopped"; empty where it failed
    std::optional<Failure> failure;
};

/// Speaks for the sides of a conversation, each on a thread of its own: opens its model, which sides with the same base
/// share, and writes answers, whose text arrives at most 20 times a second. A side that nobody asks for a while gives
/// its model back. GUI thread; values only go to the other threads and come back.
///
/// For each ask(), in this order: loading() any number of times, none where the model is open already; opened() once;
/// wrote() any number of times; ended() exactly once, whatever of the others came before.
class ChatService : public QObject {
    Q_OBJECT
public:
    using Ticket = quint64;

    explicit ChatService(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    /// Stops all sides and waits for them.
    ~ChatService() override;

    /// The side answers after what it has been asked before. Sides count from 0.
    Ticket ask(int side, const ChatQuestion& question);
    /// Ends an answer where it is; ended() follows.
    void stop(Ticket ticket);
    /// Gives a side's model back as soon as it is silent.
    void release(int side);
    /// After how many milliseconds of silence a side gives its model back.
    void setReleaseAfter(int milliseconds);

signals:
    void loading(lorikeet::ui::ChatService::Ticket ticket, double fraction);
    void opened(lorikeet::ui::ChatService::Ticket ticket, const lorikeet::ui::ChatFacts& facts);
    /// `text` follows after what has been written so far; `tokens` are all of the answer up to there.
    void wrote(lorikeet::ui::ChatService::Ticket ticket, const QString& text, qint64 tokens, double tokensPerSecond);
    void ended(lorikeet::ui::ChatService::Ticket ticket, const lorikeet::ui::ChatEnd& end);
    /// The side has given its model back.
    void released(int side);

private:
    ChatVoice& voice(int side);

    std::shared_ptr<Workshop> m_workshop;
    std::vector<std::unique_ptr<ChatVoice>> m_voices;
    QHash<Ticket, int> m_sides; ///< of the answers that are on their way
    int m_releaseAfter;
};

} // namespace lorikeet::ui
