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
class Navigator;
class Studio;

/// Offers the quick start, shows how far it is until its run begins, and what keeps it from beginning.
class QuickStartCard : public Card {
    Q_OBJECT
public:
    QuickStartCard(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    QPushButton* startButton() const { return m_start; }
    /// The button is the filled one of the page.
    void setPrimary(bool primary);

private:
    QWidget* makeFacts();
    void makeButtons();
    void look();
    void show(const QuickStartOffer& offer);
    void showProgress();
    void chooseModel(bool folder);

    Studio& m_studio;
    Navigator& m_navigator;
    BackgroundTask m_look;
    QLabel* m_text;
    QLabel* m_rows;
    QLabel* m_steps;
    QLabel* m_download;
    QWidget* m_facts;
    QWidget* m_waiting;
    QLabel* m_phase;
    QProgressBar* m_progress;
    Banner* m_problem;
    QPushButton* m_start;
    QPushButton* m_change;
    QPushButton* m_cancel;
};

} // namespace lorikeet::ui
