// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/quick_start.h"
#include "ui/session/background.h"
#include "ui/widgets/card.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace lorikeet::ui {

class Banner;
class Studio;

/// Whether the starter model is there; fetches it with progress, and can be told to stop.
class StarterModelCard : public Card {
    Q_OBJECT
public:
    explicit StarterModelCard(Studio& studio, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void look();
    void fetch();
    void stop();
    void showFetching(bool isFetching);

    Studio& m_studio;
    Mailbox m_mailbox; ///< for the progress of the fetch
    BackgroundTask m_look, m_fetch;
    QLabel* m_state;
    Banner* m_problem;
    QProgressBar* m_progress;
    QPushButton* m_fetchButton;
    QPushButton* m_cancel;
};

} // namespace lorikeet::ui
