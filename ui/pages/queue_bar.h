// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QPushButton;

namespace lorikeet::ui {

class ElidedLabel;
class Studio;

/// What waits in the queue, and what can be done with the queued run that is selected; hidden while nothing waits.
class QueueBar : public QFrame {
    Q_OBJECT
public:
    explicit QueueBar(Studio& studio, QWidget* parent = nullptr);

    /// The run that the buttons are about; one that is not queued leaves them without use.
    void select(const QString& run);
    /// Moves the selected run by some places, nothing where it is not queued or cannot go further.
    void move(int by);

private:
    void showQueue();
    void startSelected();

    Studio& m_studio;
    QString m_run;
    ElidedLabel* m_text;
    QPushButton *m_up, *m_down, *m_remove, *m_start;
};

} // namespace lorikeet::ui
