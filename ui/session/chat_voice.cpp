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
        emit m_worker.wrote(m_ticket, QString::fromStdString(m_text), m_pieces, speed);
        m_text.clear();
    }

private:
    ChatVoiceWorker& m_worker;
    ChatService::Ticket m_ticket;
    std::string m_text;
    qint64 m_pieces = 0;
    Clock::time_point m_begin, m_last;
};

ChatVoiceWorker::ChatVoiceWorker(std::shared_ptr<Workshop> workshop) : m_workshop(std::move(workshop)) {
    m_releaseTimer.setSingleShot(true);
    connect(&m_releaseTimer, &QTimer::timeout, this, &ChatVoiceWorker::release);
}

ChatVoiceWorker::~ChatVoiceWorker() = default;

void ChatVoiceWorker::setReleaseAfter(int milliseconds) {
    m_releaseTimer.setInterval(milliseconds);
    if (m_speaker)
        m_releaseTimer.start();
}

void ChatVoiceWorker::release() {
    m_releaseTimer.stop();
    if (!m_speaker)
        return;
    m_speaker.reset();
    m_source.reset();
    emit released();
}

void ChatVoiceWorker::answer(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop) {
    m_releaseTimer.stop();
    ChatEnd end;
    try {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "chat: stopped before it began");
        open(ticket, question, stop);
        end = speak(ticket, question, stop);
    } catch (...) {
        end.failure = currentFailure();
        if (end.failure->code == ErrorCode::OutOfMemory)
            release(); // so that the next try, or another side, has room
    }
    if (m_speaker)
        m_releaseTimer.start();
    emit ended(ticket, end);
}

void ChatVoiceWorker::open(ChatService::Ticket ticket, const ChatQuestion& question, const std::stop_token& stop) {
    const Source source{question.side, question.likeAdapter};
    if (m_speaker && m_source == source) {
        emit opened(ticket, factsOf(m_speaker->label()));
        return;
    }
    m_speaker.reset(); // its memory first
    m_source.reset();
    emit loading(ticket, 0.0);
    Clock::time_point last = Clock::now();
    const auto hear = [&](const JobProgress& progress) {
        if (const auto now = Clock::now(); now - last >= kLoadInterval) {
            last = now;
            emit loading(ticket, progress.fraction);
        }
    };
    m_speaker = std::make_unique<ChatSpeaker>(*m_workshop, sourceOf(question), hear, stop);
    m_source = source;
    emit opened(ticket, factsOf(m_speaker->label()));
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

ChatVoice::ChatVoice(std::shared_ptr<Workshop> workshop) : m_worker(new ChatVoiceWorker(std::move(workshop))) {
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread.setObjectName(QStringLiteral("chat"));
    m_thread.start();
}

ChatVoice::~ChatVoice() {
    for (std::stop_source& stop : m_stops)
        stop.request_stop();
    m_thread.quit();
    m_thread.wait();
}

void ChatVoice::ask(ChatService::Ticket ticket, const ChatQuestion& question) {
    std::stop_source stop;
    m_stops.insert(ticket, stop);
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, ticket, question, token = stop.get_token()] {
        worker->answer(ticket, question, token);
    });
}

void ChatVoice::stop(ChatService::Ticket ticket) {
    if (const auto at = m_stops.find(ticket); at != m_stops.end())
        at->request_stop();
}

void ChatVoice::release() {
    QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->release(); });
}

void ChatVoice::setReleaseAfter(int milliseconds) {
    QMetaObject::invokeMethod(m_worker, [worker = m_worker, milliseconds] { worker->setReleaseAfter(milliseconds); });
}

} // namespace lorikeet::ui
