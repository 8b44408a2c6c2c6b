// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

#include <vector>

class QVBoxLayout;

namespace lorikeet::ui {

class ChatTurnView;
class Talk;

/// The turns of a conversation, one below the other. It stays at the end while the end is in sight; the turns before
/// the last ones appear as one scrolls up to them.
class ChatTranscript : public QScrollArea {
    Q_OBJECT
public:
    explicit ChatTranscript(Talk& talk, QWidget* parent = nullptr);

    /// What stands there while there is no turn; becomes its own.
    void setPlaceholder(QWidget* placeholder);
    /// Null where that turn has not been scrolled to.
    ChatTurnView* turn(int index) const;
    bool isAtEnd() const;

signals:
    void resendWanted(int turn, const QString& prompt);

protected:
    void wheelEvent(QWheelEvent* event) override;

private:
    void showAll();
    void replaceFrom(int first);
    void addTurn(int turn);
    ChatTurnView* makeTurn(int turn);
    void showEarlier();
    void keepPlace(int least, int most);
    void showPlaceholder();

    Talk& m_talk;
    QVBoxLayout* m_layout;
    QWidget* m_placeholder = nullptr;
    int m_first = 0; ///< the earliest turn that has a view
    std::vector<ChatTurnView*> m_turns;
    bool m_followsEnd = true;
    int m_range = 0; ///< of the scroll bar
    bool m_isPrepending = false;
};

} // namespace lorikeet::ui
