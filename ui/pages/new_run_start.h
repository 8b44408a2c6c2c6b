// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace lorikeet::ui {

/// The button that starts a run, with what keeps it from starting, or what happens, below.
class StartSection : public QWidget {
    Q_OBJECT
public:
    explicit StartSection(QWidget* parent = nullptr);

    /// The run can start; `text` is remarkable about it.
    void showReady(const QString& text);
    /// It can wait in the queue, since another one trains.
    void showQueueing();
    /// It cannot, and why.
    void showRefused(const QString& why);
    /// Somebody looks whether it can.
    void showChecking();
    /// It is being started, and what happens; the button gives it up.
    void showStarting(const QString& what, bool canCancel);
    /// Starts, or gives up, as if the button had been pressed.
    void press();

signals:
    void startWanted();
    void cancelWanted();

private:
    QPushButton *m_start, *m_cancel;
    QLabel* m_text;
};

} // namespace lorikeet::ui
