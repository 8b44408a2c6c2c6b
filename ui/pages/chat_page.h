// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/navigator.h"
#include "ui/pages/page.h"
#include "ui/session/chat_service.h"
#include "ui/session/chat_sources.h"
#include "ui/session/conversation_shelf.h"
#include "ui/session/talk.h"

class QLabel;

namespace lorikeet::ui {

class Banner;
class ChatComposer;
class ChatEmpty;
class ChatHead;
class ChatHeaders;
class ChatList;
class ChatSamplingPanel;
class ChatSideHeader;
class ChatTranscript;

/// Conversations with one model, or with two side by side: base and tuned answer the same prompt.
class ChatPage : public Page {
    Q_OBJECT
public:
    ChatPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);
    ~ChatPage() override;

    Talk& talk() { return m_talk; }
    ChatService& service() { return m_service; }
    ChatTranscript& transcript() { return *m_transcript; }
    ChatComposer& composer() { return *m_composer; }
    ChatList& list() { return *m_list; }
    ChatSideHeader& header(int side);

public slots:
    /// A new conversation with these, and with prompts to begin with.
    void chatWith(const lorikeet::ui::ChatTarget& target);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeCentre();
    void connectTalk();
    void connectParts();

    void beginNew();
    void setSideBySide(bool both);
    void chooseSide(int side, const ChatSide& source);
    void send(const QString& prompt);
    void resend(int turn, const QString& prompt);
    void removeConversation(const QString& id, const QString& title);
    void refuse(const Failure& why);
    void onSourcesChanged();
    void showTalk();
    void showSides();
    void showNote();
    void readDevice();
    void setSamplingShown(bool shown);

    ConversationShelf m_shelf;
    ChatService m_service;
    ChatSources m_sources;
    Talk m_talk;                        ///< after what it uses
    std::optional<ChatTarget> m_target; ///< waits until it is known what there is to talk to
    ChatList* m_list;
    ChatHead* m_head;
    Banner* m_problem;
    QLabel* m_note;
    ChatHeaders* m_headers;
    QWidget* m_besideSampling;
    ChatTranscript* m_transcript;
    ChatEmpty* m_empty;
    ChatComposer* m_composer;
    ChatSamplingPanel* m_sampling;
    BackgroundTask m_deviceTask;
    std::optional<bool> m_wantsSampling; ///< what the user has chosen
};

} // namespace lorikeet::ui
