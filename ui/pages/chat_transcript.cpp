// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_transcript.h"

#include <QScrollBar>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "ui/pages/chat_answer_view.h"
#include "ui/pages/chat_turn_view.h"
#include "ui/session/talk.h"
#include "ui/theme/tokens.h"

namespace lorikeet::ui {
namespace {

constexpr int kTurnsAtOnce = 20;
constexpr int kAtEnd = 4; ///< px: closer is at the end

} // namespace

ChatTranscript::ChatTranscript(Talk& talk, QWidget* parent) : QScrollArea(parent), m_talk(talk) {
    setAccessibleName(tr("Conversation"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    m_layout = new QVBoxLayout(content);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
    m_layout->addStretch(1);
    setWidget(content);
    verticalScrollBar()->setSingleStep(metrics::kPage);
    connect(&m_talk, &Talk::begun, this, &ChatTranscript::showAll);
    connect(&m_talk, &Talk::turnAdded, this, &ChatTranscript::addTurn);
    connect(&m_talk, &Talk::turnsReplaced, this, &ChatTranscript::replaceFrom);
    connect(&m_talk, &Talk::answerChanged, this, [this](int index, int side) {
        if (ChatTurnView* view = turn(index))
            view->refresh(side);
    });
    connect(&m_talk, &Talk::answerGrew, this, [this](int index, int side, const QString& text) {
        ChatTurnView* view = turn(index);
        const AnswerProgress* progress = m_talk.progress(index, side);
        if (view && progress && side < view->answers())
            view->answer(side)->grow(*progress, text);
    });
    connect(&m_talk, &Talk::settingsChanged, this, [this] {
        for (ChatTurnView* view : m_turns)
            view->refresh(); // whether a side is there to answer again
    });
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &ChatTranscript::keepPlace);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (verticalScrollBar()->maximum() == m_range)
            m_followsEnd = isAtEnd();
        if (value == verticalScrollBar()->minimum() && m_first > 0 && !m_isPrepending)
            showEarlier();
    });
}

void ChatTranscript::setPlaceholder(QWidget* placeholder) {
    m_placeholder = placeholder;
    m_layout->insertWidget(0, placeholder, 1);
    showPlaceholder();
}

void ChatTranscript::showPlaceholder() {
    if (m_placeholder)
        m_placeholder->setVisible(m_talk.turns().empty());
}

ChatTurnView* ChatTranscript::turn(int index) const {
    const int place = index - m_first;
    return place >= 0 && place < int(m_turns.size()) ? m_turns[std::size_t(place)] : nullptr;
}

bool ChatTranscript::isAtEnd() const {
    return verticalScrollBar()->value() >= verticalScrollBar()->maximum() - kAtEnd;
}

void ChatTranscript::showAll() {
    m_followsEnd = true;
    replaceFrom(0);
}

void ChatTranscript::replaceFrom(int first) {
    while (!m_turns.empty() && m_turns.back()->turn() >= first) {
        m_layout->removeWidget(m_turns.back());
        // It may be the very one whose button has been pressed.
        m_turns.back()->hide();
        m_turns.back()->deleteLater();
        m_turns.pop_back();
    }
    const int count = int(m_talk.turns().size());
    int next = first;
    if (m_turns.empty())
        next = m_first = std::max(0, count - kTurnsAtOnce);
    for (; next < count; ++next) {
        m_turns.push_back(makeTurn(next));
        m_layout->insertWidget(m_layout->count() - 1, m_turns.back());
    }
    showPlaceholder();
}

void ChatTranscript::addTurn(int turn) {
    m_followsEnd = true; // whoever has just asked wants to see the answer
    m_turns.push_back(makeTurn(turn));
    m_layout->insertWidget(m_layout->count() - 1, m_turns.back());
    showPlaceholder();
}

ChatTurnView* ChatTranscript::makeTurn(int turn) {
    auto* view = new ChatTurnView(m_talk, turn);
    connect(view, &ChatTurnView::resendWanted, this, &ChatTranscript::resendWanted);
    return view;
}

void ChatTranscript::showEarlier() {
    m_isPrepending = true;
    const int from = std::max(0, m_first - kTurnsAtOnce);
    const int place = m_placeholder ? 1 : 0;
    std::vector<ChatTurnView*> earlier;
    for (int index = from; index < m_first; ++index) {
        earlier.push_back(makeTurn(index));
        m_layout->insertWidget(place + index - from, earlier.back());
    }
    m_turns.insert(m_turns.begin(), earlier.begin(), earlier.end());
    m_first = from;
}

void ChatTranscript::keepPlace(int, int most) {
    QScrollBar* bar = verticalScrollBar();
    if (m_isPrepending) {
        m_isPrepending = false;
        bar->setValue(bar->value() + most - m_range); // what was in sight stays where it is
    } else if (m_followsEnd) {
        bar->setValue(most);
    }
    m_range = most;
}

void ChatTranscript::wheelEvent(QWheelEvent* event) {
    QScrollArea::wheelEvent(event);
    event->accept();
}

} // namespace lorikeet::ui
