// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QPlainTextEdit;
class QPushButton;

namespace lorikeet::ui {

/// Where the next prompt is written. Return sends it, Shift+Return begins a new line, Escape stops what is on its way.
class ChatComposer : public QFrame {
    Q_OBJECT
public:
    explicit ChatComposer(QWidget* parent = nullptr);

    /// How many sides are asked; none: `whyNot` says why nothing can be sent.
    void setSides(int sides, const QString& whyNot = {});
    void setAnswering(bool answering);
    void setText(const QString& text);
    QString text() const;
    /// Takes the prompt out.
    void clear();
    QPlainTextEdit* editor() const { return m_editor; }
    QPushButton* sendButton() const { return m_send; }
    QPushButton* stopButton() const { return m_stop; }

signals:
    void sendWanted(const QString& prompt);
    void stopWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void send();
    void refresh();
    void fit();

    QPlainTextEdit* m_editor;
    QPushButton* m_stop;
    QPushButton* m_send;
    int m_sides = 0;
    bool m_isAnswering = false;
    QString m_whyNot;
};

} // namespace lorikeet::ui
