// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QWidget>

#include "ui/shell/page_factory.h"

class QLabel;
class QProgressBar;
class QToolButton;

namespace lorikeet::ui {

class ElidedLabel;
class TrainingSession;

/// The way to the pages, with icon and word, or icons only where the window is narrow; at its foot the run that trains.
class Sidebar : public QWidget {
    Q_OBJECT
public:
    Sidebar(const QList<PageEntry>& pages, TrainingSession& training, QWidget* parent = nullptr);

    void setCurrent(PageId page);
    void setCollapsed(bool collapsed);
    bool isCollapsed() const { return m_isCollapsed; }
    QToolButton* button(PageId page) const { return m_buttons.value(page); }

signals:
    void chosen(lorikeet::ui::PageId page);
    void runChosen(const QString& run);

private:
    QWidget* makeRunBlock();
    void showRun();

    TrainingSession& m_training;
    QHash<PageId, QToolButton*> m_buttons;
    bool m_isCollapsed = false;
    QLabel* m_brand;
    QWidget* m_runBlock;
    ElidedLabel* m_runName;
    QLabel* m_runShare;
    QProgressBar* m_runProgress;
    ElidedLabel* m_runFacts;
};

} // namespace lorikeet::ui
