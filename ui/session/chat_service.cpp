// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/chat_service.h"

#include "ui/session/chat_voice.h"

namespace lorikeet::ui {
namespace {

constexpr int kReleaseAfter = 5 * 60 * 1000; // ms

} // namespace

ChatService::ChatService(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)), m_releaseAfter(kReleaseAfter) {}

ChatService::~ChatService() = default;

ChatVoice& ChatService::voice(int side) {
    while (int(m_voices.size()) <= side) {
        const int index = int(m_voices.size());
        m_voices.push_back(std::make_unique<ChatVoice>(m_workshop));
        m_voices.back()->setReleaseAfter(m_releaseAfter);
        const ChatVoice* voice = m_voices.back().get();
        connect(voice, &ChatVoice::loading, this, &ChatService::loading);
        connect(voice, &ChatVoice::opened, this, &ChatService::opened);
        connect(voice, &ChatVoice::wrote, this, &ChatService::wrote);
        connect(voice, &ChatVoice::ended, this, [this](Ticket ticket, const ChatEnd& end) {
            m_sides.remove(ticket);
            emit ended(ticket, end);
        });
        connect(voice, &ChatVoice::released, this, [this, index] { emit released(index); });
    }
    return *m_voices[std::size_t(side)];
}

ChatService::Ticket ChatService::ask(int side, const ChatQuestion& question) {
    static Ticket last = 0;
    const Ticket ticket = ++last;
    m_sides.insert(ticket, side);
    voice(side).ask(ticket, question);
    return ticket;
}

void ChatService::stop(Ticket ticket) {
    if (const auto side = m_sides.constFind(ticket); side != m_sides.constEnd())
        voice(*side).stop(ticket);
}

void ChatService::release(int side) {
    if (side < int(m_voices.size()))
        voice(side).release();
}

void ChatService::setReleaseAfter(int milliseconds) {
    m_releaseAfter = milliseconds;
    for (const std::unique_ptr<ChatVoice>& voice : m_voices)
        voice->setReleaseAfter(milliseconds);
}

} // namespace lorikeet::ui
