// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/pages/run_actions.h"
#include "ui/session/run_feed.h"

class QGridLayout;
class QScrollArea;
class QVBoxLayout;

namespace lorikeet::ui {

class Banner;
class FiguresStrip;
class RunCurves;
class RunHead;
class RunMemoryCard;
class RunSamplesCard;

/// One run, while it trains and afterwards: state, figures, curves, memory, samples. All of it comes from the database,
/// so it makes no difference who trains it.
class RunPage : public Page {
    Q_OBJECT
public:
    RunPage(Studio& studio, Navigator& navigator, const QString& run, QWidget* parent = nullptr);

    const QString& run() const { return m_follower.run(); }

signals:
    void backWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeBody(QVBoxLayout* layout);
    void arrange(bool isWide);
    void follow(const RunUpdate& update);
    void showState();
    void showOutcome();
    void showChatHint();
    /// The checkpoint, or the run's end where it has an adapter, whose step is nearest; nothing where there is none.
    std::optional<CheckpointRecord> savedNear(int64_t step) const;
    void showFigures();
    void showTimeLeft(std::optional<double> recorded);
    void showWarnings();
    bool isOurs() const;

    RunActions m_actions;
    RunFollower m_follower;
    RunHead* m_head;
    FiguresStrip* m_figures;
    Banner* m_outcome;
    Banner* m_warning;
    QScrollArea* m_scroll;
    QGridLayout* m_grid;
    RunCurves* m_curves;
    RunMemoryCard* m_memory;
    RunSamplesCard* m_samples;
    std::optional<bool> m_isWide;
    size_t m_shownWarnings = 0;
    bool m_hasChatHint = false;
};

} // namespace lorikeet::ui
