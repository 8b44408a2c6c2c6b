// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPushButton;
class QToolButton;

namespace lorikeet {
struct ChatAnswer;
}

namespace lorikeet::ui {

class ElidedLabel;
class PlainText;
struct AnswerProgress;
struct Failure;

/// What one side said in a turn: its text, below it what made it, and the buttons that answer again, copy or stop.
class ChatAnswerView : public QWidget {
    Q_OBJECT
public:
    explicit ChatAnswerView(const QString& name, QWidget* parent = nullptr);

    /// Null: that is not there. `canAsk`: the side is there to be asked.
    void show(const ChatAnswer* answer, const AnswerProgress* progress, const Failure* failure, bool canAsk);
    /// The answer on its way goes on with `text`.
    void grow(const AnswerProgress& progress, const QString& text);
    QString text() const;
    /// "gsm8k r16, step 444, seed 42, 52 tok/s".
    QString label() const;

signals:
    void regenerateWanted();
    void stopWanted();

private:
    void showProgress(const AnswerProgress& progress);
    void showFailure(const Failure& failure);

    PlainText* m_text;
    QLabel* m_problem;
    ElidedLabel* m_label;
    QToolButton* m_regenerate;
    QToolButton* m_copy;
    QToolButton* m_stop;
};

} // namespace lorikeet::ui
