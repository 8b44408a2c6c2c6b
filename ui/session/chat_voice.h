// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QThread>
#include <QTimer>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "ui/session/chat_service.h"

namespace lorikeet {
class ChatSpeaker;
}

namespace lorikeet::ui {

/// The part of a ChatVoice that lives in its thread, and the model that it has open.
class ChatVoiceWorker : public QObject {
    Q_OBJECT
public:
    explicit ChatVoiceWorker(std::shared_ptr<Workshop> workshop);
    ~ChatVoiceWorker() override;

    void answer(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop);
    void release();
    void setReleaseAfter(int milliseconds);

signals:
    void loading(lorikeet::ui::ChatService::Ticket ticket, double fraction);
    void opened(lorikeet::ui::ChatService::Ticket ticket, const lorikeet::ui::ChatFacts& facts);
    void wrote(lorikeet::ui::ChatService::Ticket ticket, const QString& text, qint64 tokens, double tokensPerSecond);
    void ended(lorikeet::ui::ChatService::Ticket ticket, const lorikeet::ui::ChatEnd& end);
    void released();

private:
    class Writer;
    /// What a model is opened from: another one needs another opening.
    struct Source {
        ChatSide side;
        std::optional<std::string> likeAdapter;
        bool operator==(const Source&) const = default;
    };

    void open(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop);
    ChatEnd speak(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop);

    std::shared_ptr<Workshop> m_workshop;
    std::unique_ptr<ChatSpeaker> m_speaker;
    std::optional<Source> m_source; ///< of m_speaker
    QTimer m_releaseTimer{this};
};

/// One side's thread. GUI thread; destroying it stops the answer on its way and waits.
class ChatVoice : public QObject {
    Q_OBJECT
public:
    explicit ChatVoice(std::shared_ptr<Workshop> workshop);
    ~ChatVoice() override;

    ChatVoiceWorker& worker() { return *m_worker; }
    void ask(ChatService::Ticket ticket, const ChatQuestion& question);
    void stop(ChatService::Ticket ticket);
    void forget(ChatService::Ticket ticket) { m_stops.remove(ticket); }
    void release();
    void setReleaseAfter(int milliseconds);

private:
    QHash<ChatService::Ticket, std::stop_source> m_stops;
    QThread m_thread;
    ChatVoiceWorker* m_worker; ///< lives in m_thread and is deleted with it
};

} // namespace lorikeet::ui
