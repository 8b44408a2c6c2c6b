// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/chat_voice.h"

#include "core/jobs/chat_job.h"
#include "core/jobs/workshop.h"

namespace lorikeet::ui {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTextInterval = std::chrono::milliseconds(50);
constexpr auto kLoadInterval = std::chrono::milliseconds(66);

ChatSource sourceOf(const ChatQuestion& question) {
    ChatSource source{.model = question.side.model};
    source.step = question.side.step;
    if (question.side.adapter)
        source.adapter = *question.side.adapter;
    else if (question.likeAdapter) {
        source.adapter = *question.likeAdapter;
        try {
            return baseOf(source);
        } catch (const Error&) {
            source.adapter.reset(); // an adapter that cannot be read is told of on its own side
        }
    }
    return source;
}

QString stopWord(StopReason reason) {
    switch (reason) {
    case StopReason::EndToken:
        return QStringLiteral("end");
    case StopReason::Length:
        return QStringLiteral("length");
    case StopReason::Stopped:
        return QStringLiteral("stopped");
    }
    Q_UNREACHABLE();
}

ChatFacts factsOf(const ChatLabel& label) {
    return {QString::fromStdString(label.dataType), QString::fromStdString(label.weights),
            QString::fromStdString(label.adapter), !label.usesTemplate};
}

} // namespace

/// Gathers what an answer says and sends it on a few times a second.
class ChatVoiceWorker::Writer {
public:
    Writer(ChatVoiceWorker& worker, ChatService::Ticket ticket) : m_worker(worker), m_ticket(ticket) {}

    void add(std::string_view piece) {
        m_text.append(piece);
        if (m_pieces++ == 0)
            m_begin = Clock::now();
        if (const auto now = Clock::now(); now - m_last >= kTextInterval) {
            m_last = now;
            flush();
        }
    }

    void flush() {
        if (m_text.empty())
            return;
        const double seconds = std::chrono::duration<double>(Clock::now() - m_begin).count();
        // The first piece is there when the time begins.
        const double speed =
            seconds > 0.0 && m_pieces > 1 ? double(m_pieces - 1) / seconds : std::numeric_limits<double>::quiet_NaN();
        m_worker.tell([ticket = m_ticket, text = m_text, pieces = m_pieces, speed](ChatVoice& voice) {
            emit voice.wrote(ticket, QString::fromStdString(text), pieces, speed);
        });
        m_text.clear();
    }

private:
    ChatVoiceWorker& m_worker;
    ChatService::Ticket m_ticket;
    std::string m_text;
    qint64 m_pieces = 0;
    Clock::time_point m_begin, m_last;
};

ChatVoiceWorker::ChatVoiceWorker(std::shared_ptr<Workshop> workshop, ChatVoice& voice)
    : m_workshop(std::move(workshop)), m_voice(voice), m_address(voice.m_mailbox.address()) {}

ChatVoiceWorker::~ChatVoiceWorker() = default;

void ChatVoiceWorker::ask(ChatService::Ticket ticket, const ChatQuestion& question, std::stop_token stop) {
    m_thread.post([this, ticket, question, stop = std::move(stop)] { answer(ticket, question, stop); });
}

void ChatVoiceWorker::release() {
    m_thread.post([this] { giveBack(); });
}

void ChatVoiceWorker::setReleaseAfter(std::chrono::milliseconds silence) {
    m_thread.post([this, silence] {
        m_silence = silence;
        giveBackLater();
    });
}

template <typename Function>
void ChatVoiceWorker::tell(Function function) {
    m_address.send([&voice = m_voice, function = std::move(function)] { function(voice); });
}

void ChatVoiceWorker::giveBack() {
    m_thread.cancelAlarm();
    if (!m_speaker)
        return;
    m_speaker.reset();
    m_source.reset();
    tell([](ChatVoice& voice) { emit voice.released(); });
}

void ChatVoiceWorker::giveBackLater() {
    if (m_speaker)
        m_thread.setAlarm(m_silence, [this] { giveBack(); });
}

void ChatVoiceWorker::answer(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop) {
    m_thread.cancelAlarm();
    ChatEnd end;
    try {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "chat: stopped before it began");
        open(ticket, question, stop);
        end = speak(ticket, question, stop);
    } catch (...) {
        end.failure = currentFailure();
        if (end.failure->code == ErrorCode::OutOfMemory)
            giveBack(); // so that the next try, or another side, has room
    }
    giveBackLater();
    tell([ticket, end = std::move(end)](ChatVoice& voice) {
        voice.m_stops.remove(ticket);
        emit voice.ended(ticket, end);
    });
}

void ChatVoiceWorker::open(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop) {
    const auto tellFacts = [&] {
        tell([ticket, facts = factsOf(m_speaker->label())](ChatVoice& voice) { emit voice.opened(ticket, facts); });
    };
    const auto tellLoading = [&](double fraction) {
        tell([ticket, fraction](ChatVoice& voice) { emit voice.loading(ticket, fraction); });
    };
    Source source{question.side, question.likeAdapter, {}};
    if (question.side.adapter)
        source.adapter = stampOf(*question.side.adapter); // the folder: a run may have trained a whole model
    if (m_speaker && m_source == source) {
        tellFacts();
        return;
    }
    m_speaker.reset(); // its memory first
    m_source.reset();
    tellLoading(0.0);
    Clock::time_point last = Clock::now();
    const auto hear = [&](const JobProgress& progress) {
        if (const auto now = Clock::now(); now - last >= kLoadInterval) {
            last = now;
            tellLoading(progress.fraction);
        }
    };
    m_speaker = std::make_unique<ChatSpeaker>(*m_workshop, sourceOf(question), hear, stop);
    m_source = source;
    tellFacts();
}

ChatEnd ChatVoiceWorker::speak(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop) {
    m_speaker->setSystemPrompt(question.systemPrompt.value_or(std::string()));
    std::vector<ChatMessage> messages;
    for (const ChatQuestion::Exchange& exchange : question.history) {
        messages.push_back({"user", exchange.prompt});
        messages.push_back({"assistant", exchange.answer});
    }
    messages.push_back({"user", question.prompt});
    Writer writer(*this, ticket);
    const SpokenAnswer answer = m_speaker->answer(
        messages, question.sampling, [&](std::string_view piece) { writer.add(piece); }, stop);
    writer.flush();
    return {QString::fromStdString(answer.text), answer.tokens, answer.tokensPerSecond, stopWord(answer.stop), {}};
}

ChatVoice::ChatVoice(std::shared_ptr<Workshop> workshop) : m_worker(std::move(workshop), *this) {}

ChatVoice::~ChatVoice() {
    for (std::stop_source& stop : m_stops)
        stop.request_stop();
}

void ChatVoice::ask(ChatService::Ticket ticket, const ChatQuestion& question) {
    std::stop_source stop;
    m_stops.insert(ticket, stop);
    m_worker.ask(ticket, question, stop.get_token());
}

void ChatVoice::stop(ChatService::Ticket ticket) {
    if (const auto at = m_stops.find(ticket); at != m_stops.end())
        at->request_stop();
}

void ChatVoice::release() {
    m_worker.release();
}

void ChatVoice::setReleaseAfter(int milliseconds) {
    m_worker.setReleaseAfter(std::chrono::milliseconds(milliseconds));
}

} // namespace lorikeet::ui
