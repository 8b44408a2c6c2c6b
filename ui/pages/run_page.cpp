// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_page.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QGridLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/charts/chart_card.h"
#include "ui/models/run_figures.h"
#include "ui/models/run_text.h"
#include "ui/pages/run_curves.h"
#include "ui/pages/run_head.h"
#include "ui/pages/run_memory_card.h"
#include "ui/pages/run_samples_card.h"
#include "ui/session/studio.h"
#include "ui/theme/scale.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/figures_strip.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kRightColumn = 352;
constexpr int kWideFrom = 1000; // of the page; narrower, the right column goes below
constexpr int kLossHeight = 300;
constexpr int kSmallHeight = 136;
constexpr int kPatience = 300; // ms until it is said what takes so long

enum Figure { Step, Epoch, TimeLeft, Elapsed, Speed, Loss, Evaluation, LastSaved, BestSaved };

template <typename Value, typename Format>
QString textOf(const std::optional<Value>& value, Format format) {
    return value ? format(*value) : QStringLiteral("–");
}

} // namespace

RunPage::RunPage(Studio& studio, Navigator& navigator, const QString& run, QWidget* parent)
    : Page(studio, navigator, parent), m_actions(studio, navigator), m_follower(studio.runs(), run) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, metrics::kPage);
    layout->setSpacing(metrics::kGap - metrics::kInside);
    m_head = new RunHead(studio, m_actions);
    connect(m_head, &RunHead::backWanted, this, &RunPage::backWanted);
    layout->addWidget(m_head);
    makeBody(layout);
    connect(&m_follower, &RunFollower::updated, this, &RunPage::follow);
    QTimer::singleShot(kPatience, this, [this] {
        if (!m_follower.isLoaded())
            m_outcome->tell(LabelTone::Plain, {}, tr("The run is being read…"));
    });
    connect(&studio.training(), &TrainingSession::changed, this, [this] {
        if (!m_follower.isLoaded())
            return;
        showState();
        if (isOurs())
            showTimeLeft(std::nullopt);
    });
}

void RunPage::makeBody(QVBoxLayout* layout) {
    m_figures = new FiguresStrip({tr("Step"), tr("Epoch"), tr("Time left"), tr("Elapsed"), tr("Speed"),
                                  tr("Loss, smoothed"), tr("Eval loss"), tr("Last saved"), tr("Best saved")});
    layout->addWidget(m_figures);
    m_outcome = new Banner;
    m_outcome->setClosable(false);
    layout->addWidget(m_outcome);
    m_warning = new Banner;
    layout->addWidget(m_warning);
    m_samples = new RunSamplesCard;
    m_memory = new RunMemoryCard;
    m_curves = new RunCurves(this);
    connect(m_curves, &RunCurves::chosen, this, [this](int64_t step) {
        if (const std::optional<CheckpointRecord> checkpoint = savedNear(step))
            m_actions.chat(m_follower.history().record, *checkpoint);
    });
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    m_grid = new QGridLayout(content);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(metrics::kGap);
    m_curves->lossCard()->setMinimumHeight(kLossHeight);
    m_memory->setMinimumHeight(kLossHeight);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(content);
    layout->addWidget(m_scroll, 1);
    arrange(true);
}

void RunPage::arrange(bool isWide) {
    if (m_isWide == isWide)
        return;
    m_isWide = isWide;
    while (QLayoutItem* item = m_grid->takeAt(0))
        delete item;
    ChartCard* const loss = m_curves->lossCard();
    ChartCard* const rate = m_curves->learningRateCard();
    ChartCard* const norm = m_curves->gradientNormCard();
    // Wide: loss and memory on the left, the small ones on the right. Narrow: the right column below the left.
    if (isWide) {
        m_grid->addWidget(loss, 0, 0, 2, 1);
        m_grid->addWidget(m_memory, 2, 0);
        m_grid->addWidget(rate, 0, 1);
        m_grid->addWidget(norm, 1, 1);
        m_grid->addWidget(m_samples, 2, 1);
    } else {
        m_grid->addWidget(loss, 0, 0, 1, 2);
        m_grid->addWidget(rate, 1, 0);
        m_grid->addWidget(norm, 1, 1);
        m_grid->addWidget(m_memory, 2, 0, 1, 2);
        m_grid->addWidget(m_samples, 3, 0, 1, 2);
    }
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(1, isWide ? 0 : 1);
    m_grid->setColumnMinimumWidth(1, isWide ? scaled(kRightColumn) : 0);
    for (QWidget* card : {static_cast<QWidget*>(rate), static_cast<QWidget*>(norm), static_cast<QWidget*>(m_samples)}) {
        card->setMaximumWidth(isWide ? scaled(kRightColumn) : QWIDGETSIZE_MAX);
        card->setMinimumHeight(kSmallHeight);
    }
    for (int row = 0; row < 3; ++row)
        m_grid->setRowStretch(row, isWide ? (row == 2 ? 2 : 1) : 0);
}

void RunPage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    arrange(width() >= scaled(kWideFrom));
}

bool RunPage::isOurs() const {
    return studio().training().run() == m_follower.run();
}

void RunPage::follow(const RunUpdate& update) {
    const RunHistory& history = m_follower.history();
    m_curves->follow(history, update.startsAnew);
    m_memory->follow(history, update.startsAnew);
    showState();
    showFigures();
    showWarnings();
    showChatHint();
    m_samples->setFirstStep(firstSampleStep(history.record));
    m_samples->setSamples(history.samples);
}

void RunPage::showState() {
    m_head->setRun(m_follower.history().record);
    showOutcome();
}

void RunPage::showOutcome() {
    const RunRecord& run = m_follower.history().record;
    const QString why = QString::fromStdString(run.errorMessage);
    if (isOurs())
        m_outcome->hide();
    else if (run.state == RunState::Failed)
        m_outcome->tell(LabelTone::Danger, tr("The run failed."), why);
    else if (!why.isEmpty() && (run.state == RunState::Created || run.state == RunState::Stopped ||
                                run.state == RunState::Interrupted)) // it left the queue so
        m_outcome->tell(LabelTone::Danger, tr("The run could not begin."), why);
    else if (run.state == RunState::Interrupted)
        m_outcome->tell(
            LabelTone::Warning, tr("The run was interrupted."),
            tr("How it ended was not recorded; the last thing known of it is step %1. It can go on from its "
               "last checkpoint.")
                .arg(run.steps));
    else if (run.state == RunState::Paused)
        m_outcome->tell(LabelTone::Plain, tr("The run is paused."),
                        why.isEmpty() ? tr("It takes no memory, and can go on from step %1.").arg(run.steps) : why);
    else
        m_outcome->hide();
}

void RunPage::showFigures() {
    const RunFigures figures = runFigures(m_follower.history());
    m_figures->setFigure(Step, figures.steps
                                   ? tr("%1 of %2").arg(formatCount(figures.step), formatCount(*figures.steps))
                                   : formatCount(figures.step));
    m_figures->setFigure(Epoch, textOf(figures.epoch, [](double epoch) { return QLocale().toString(epoch, 'f', 2); }));
    showTimeLeft(figures.secondsLeft);
    m_figures->setFigure(Elapsed, textOf(figures.seconds, formatDuration));
    m_figures->setFigure(Speed, textOf(figures.tokensPerSecond, formatSpeed));
    m_figures->setFigure(Loss, textOf(m_curves->smoothedLoss(), formatLoss));
    m_figures->setFigure(Evaluation, textOf(figures.evaluation, formatLoss));
    m_figures->setFigure(LastSaved, textOf(figures.savedStep, [](int64_t step) { return tr("step %1").arg(step); }));
    const std::vector<CheckpointRecord>& checkpoints = m_follower.history().checkpoints;
    const auto best = std::ranges::find_if(checkpoints, &CheckpointRecord::isBest);
    m_figures->setFigure(BestSaved, best == checkpoints.end() ? QStringLiteral("–") : tr("step %1").arg(best->step));
    m_figures->setProgress(figures.steps && *figures.steps > 0 ? double(figures.step) / double(*figures.steps) : -1.0);
}

/// Of a run of this window what the sidebar shows, which is there before it is recorded.
void RunPage::showTimeLeft(std::optional<double> recorded) {
    if (const std::optional<StepEvent>& step = studio().training().step(); isOurs() && step)
        recorded = step->secondsLeft;
    if (recorded || !isOurs())
        m_figures->setFigure(TimeLeft, textOf(recorded, formatDuration));
}

std::optional<CheckpointRecord> RunPage::savedNear(int64_t step) const {
    const RunHistory& history = m_follower.history();
    std::vector<CheckpointRecord> saved = history.checkpoints;
    if (m_actions.canChat(history.record))
        saved.push_back({.step = history.record.steps, .path = *history.record.adapter});
    const auto nearest = std::ranges::min_element(
        saved, {}, [step](const CheckpointRecord& checkpoint) { return std::abs(checkpoint.step - step); });
    return nearest == saved.end() ? std::nullopt : std::optional(*nearest);
}

void RunPage::showChatHint() {
    const bool hasAny = savedNear(0).has_value();
    if (hasAny == std::exchange(m_hasChatHint, hasAny))
        return;
    if (!hasAny)
        return m_curves->setChoice({});
    m_curves->setChoice([this](int64_t step) {
        const std::optional<CheckpointRecord> checkpoint = savedNear(step);
        return checkpoint ? tr("click or Return: chat with step %1").arg(formatCount(checkpoint->step)) : QString();
    });
}

void RunPage::showWarnings() {
    const std::vector<WarningRecord>& warnings = m_follower.history().warnings;
    if (warnings.size() == m_shownWarnings)
        return;
    m_shownWarnings = warnings.size();
    if (warnings.empty()) { // the run went back to before them
        m_warning->hide();
        return;
    }
    m_warning->tell(LabelTone::Warning, {}, QString::fromStdString(warnings.back().text));
    if (warnings.size() == 1)
        return;
    QPushButton* rest = m_warning->addAction(tr("%1 more").arg(warnings.size() - 1));
    connect(rest, &QPushButton::clicked, this, [this] {
        QStringList texts;
        for (const WarningRecord& warning : m_follower.history().warnings)
            texts.append(QString::fromStdString(warning.text));
        m_warning->tell(LabelTone::Warning, {}, texts.join(QLatin1Char('\n')));
    });
}

} // namespace lorikeet::ui
