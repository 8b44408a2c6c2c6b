// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

class QFrame;
class QToolButton;

namespace lorikeet::ui {

class ChatAnswerView;
class PlainText;
class Talk;

/// One turn: the prompt across, below it the answers side by side. The prompt can be edited in place and sent again.
class ChatTurnView : public QWidget {
    Q_OBJECT
public:
    ChatTurnView(Talk& talk, int turn, QWidget* parent = nullptr);

    int turn() const { return m_turn; }
    ChatAnswerView* answer(int side) const { return m_answers.at(std::size_t(side)); }
    int answers() const { return int(m_answers.size()); }
    /// Shows anew what the conversation says of a side.
    void refresh(int side);
    void refresh();
    void beginEditing();
    bool isEditing() const;

signals:
    /// The user has written another prompt for this turn.
    void resendWanted(int turn, const QString& prompt);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makePrompt();
    void endEditing();
    void send();

    Talk& m_talk;
    int m_turn;
    PlainText* m_prompt;
    QToolButton* m_edit;
    QWidget* m_editButtons;
    QFrame* m_frame; ///< of the prompt
    std::vector<ChatAnswerView*> m_answers;
};

} // namespace lorikeet::ui
