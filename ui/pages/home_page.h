// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "ui/pages/page.h"
#include "ui/pages/run_actions.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace lorikeet::ui {

class Banner;
class Card;
class DataTable;
class DeviceCard;
class DiskCard;
class QuickStartCard;
class RunTableModel;

/// Where one begins: the quick start, a run that was interrupted, the latest runs, device and disk.
class HomePage : public Page {
    Q_OBJECT
public:
    HomePage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    QuickStartCard& quickStart() { return *m_quickStart; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    Card* makeInterruptedCard();
    Card* makeRecentCard();
    void arrange();
    void follow();
    void showResume();
    void showQueue();
    void dismissInterrupted();

    RunActions m_actions;
    RunTableModel* m_model;
    QGridLayout* m_grid;
    QWidget* m_content;
    QuickStartCard* m_quickStart;
    Banner* m_queue;
    qsizetype m_shownQueue = 0; ///< how many runs the banner speaks of
    Card* m_interrupted;
    QLabel* m_interruptedText;
    QPushButton* m_resume;
    Card* m_recent;
    DeviceCard* m_device;
    DiskCard* m_disk;
    DataTable* m_table;
    QPushButton* m_all;
    QString m_interruptedRun;
    QStringList m_dismissed;                         ///< interrupted runs that are not to be offered again
    std::optional<std::pair<bool, bool>> m_arranged; ///< with an interrupted run, wide
};

} // namespace lorikeet::ui
