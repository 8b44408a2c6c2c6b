// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "core/jobs/file_stamp.h"
#include "ui/session/chat_service.h"
#include "ui/session/mailbox.h"
#include "ui/session/work_threads.h"

namespace lorikeet {
class ChatSpeaker;
}

namespace lorikeet::ui {

class ChatVoice;

/// The part of a ChatVoice that speaks, on a thread of its own, and the model that it has open: what is public is for
/// the GUI thread and only asks, what is private happens there. What it says goes to the voice by letter.
class ChatVoiceWorker {
public:
    ChatVoiceWorker(std::shared_ptr<Workshop> workshop, ChatVoice& voice);
    /// Waits until all is answered that was asked.
    ~ChatVoiceWorker();

    void ask(ChatService::Ticket ticket, const ChatQuestion& question, std::stop_token stop);
    void release();
    void setReleaseAfter(std::chrono::milliseconds silence);

private:
    class Writer;
    /// What a model is opened from: another one needs another opening.
    struct Source {
        ChatSide side;
        std::optional<std::string> likeAdapter;
        FileStamp adapter; ///< a run that goes on writes its adapter anew, to the same place
        bool operator==(const Source&) const = default;
    };

    void answer(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop);
    void open(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop);
    ChatEnd speak(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop);
    void giveBack();
    void giveBackLater();
    template <typename Function>
    void tell(Function function);

    std::shared_ptr<Workshop> m_workshop;
    ChatVoice& m_voice; ///< for letters
    const Mailbox::Address m_address;
    std::unique_ptr<ChatSpeaker> m_speaker;
    std::optional<Source> m_source; ///< of m_speaker
    std::chrono::milliseconds m_silence = {};
    WorkThreads m_thread{"chat"}; ///< last, so that it ends first
};

/// One side's thread, and what it tells, in the order of ChatService. GUI thread; destroying it stops the answer on its
/// way and waits.
class ChatVoice : public QObject {
    Q_OBJECT
public:
    explicit ChatVoice(std::shared_ptr<Workshop> workshop);
    ~ChatVoice() override;

    void ask(ChatService::Ticket ticket, const ChatQuestion& question);
    void stop(ChatService::Ticket ticket);
    void release();
    void setReleaseAfter(int milliseconds);

signals:
    void loading(lorikeet::ui::ChatService::Ticket ticket, double fraction);
    void opened(lorikeet::ui::ChatService::Ticket ticket, const lorikeet::ui::ChatFacts& facts);
    void wrote(lorikeet::ui::ChatService::Ticket ticket, const QString& text, qint64 tokens, double tokensPerSecond);
    void ended(lorikeet::ui::ChatService::Ticket ticket, const lorikeet::ui::ChatEnd& end);
    void released();

private:
    friend class ChatVoiceWorker;
    QHash<ChatService::Ticket, std::stop_source> m_stops; ///< of what is asked and not answered
    Mailbox m_mailbox;
    ChatVoiceWorker m_worker;
};

} // namespace lorikeet::ui
