// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_page.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/charts/chart_card.h"
#include "ui/models/run_figures.h"
#include "ui/models/run_text.h"
#include "ui/pages/run_curves.h"
#include "ui/pages/run_memory_card.h"
#include "ui/pages/run_samples_card.h"
#include "ui/session/studio.h"
#include "ui/theme/scale.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/figures_strip.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kRightColumn = 352;
constexpr int kWideFrom = 1000; // of the page; narrower, the right column goes below
constexpr int kLossHeight = 300;
constexpr int kSmallHeight = 136;

enum Figure { Step, Epoch, TimeLeft, Elapsed, Speed, Loss, Evaluation, LastSaved, BestSaved };

LabelTone badgeTone(RunState state) {
    switch (state) {
    case RunState::Running:
    case RunState::Finished:
        return LabelTone::Accent;
    case RunState::Interrupted:
    case RunState::Paused:
        return LabelTone::Warning;
    case RunState::Failed:
        return LabelTone::Danger;
    case RunState::Created:
    case RunState::Queued:
    case RunState::Stopped:
        return LabelTone::Plain;
    }
    Q_UNREACHABLE();
}

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
    layout->addWidget(makeHead());
    makeBody(layout);
    connect(&m_follower, &RunFollower::updated, this, &RunPage::follow);
    connect(&studio.training(), &TrainingSession::changed, this, [this] {
        if (m_follower.isLoaded())
            showState();
    });
}

QWidget* RunPage::makeHead() {
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kInside);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kGrid);
    QToolButton* back = makeIconButton(QStringLiteral("chevron-left"), tr("All runs"));
    connect(back, &QToolButton::clicked, this, &RunPage::backWanted);
    line->addWidget(back);
    m_title = new ElidedLabel({}, Qt::ElideMiddle);
    m_title->setProperty("role", QStringLiteral("title"));
    line->addWidget(m_title);
    m_badge = makeLabel({}, LabelRole::Badge);
    line->addWidget(m_badge);
    line->addStretch(1);
    m_more = makeIconButton(QStringLiteral("more"), tr("More that can be done with this run"));
    connect(m_more, &QToolButton::clicked, this, &RunPage::showMenu);
    line->addWidget(m_more);
    const QList<QPushButton*> controls = makeControls();
    for (QPushButton* control : controls) {
        control->hide();
        line->addWidget(control);
    }
    m_chat = makeButton(tr("Chat with it"), ButtonKind::Primary, QStringLiteral("chat"));
    m_chat->setToolTip(tr("Asks the tuned model, beside the base"));
    connect(m_chat, &QPushButton::clicked, this, [this] { m_actions.chat(m_follower.history().record); });
    line->addWidget(m_chat);
    layout->addLayout(line);
    m_subtitle = new ElidedLabel;
    m_subtitle->setProperty("role", QStringLiteral("body-secondary"));
    layout->addWidget(m_subtitle);
    m_chat->hide();
    return box;
}

QList<QPushButton*> RunPage::makeControls() {
    const QKeySequence pauseKey(Qt::CTRL | Qt::Key_P), stopKey(Qt::CTRL | Qt::Key_Period);
    m_resume = makeButton(tr("Resume"), ButtonKind::Primary, QStringLiteral("play"));
    m_resume->setShortcut(pauseKey);
    connect(m_resume, &QPushButton::clicked, this, [this] { m_actions.resume(m_follower.history().record); });
    m_save = makeButton(tr("Save now"), ButtonKind::Normal, QStringLiteral("save"));
    m_save->setShortcut(QKeySequence::Save);
    m_save->setToolTip(tr("Saves a checkpoint after the step under way, and trains on (%1)")
                           .arg(m_save->shortcut().toString(QKeySequence::NativeText)));
    connect(m_save, &QPushButton::clicked, this, [this] { studio().training().saveNow(); });
    m_pause = makeButton(tr("Pause"), ButtonKind::Normal, QStringLiteral("pause"));
    m_pause->setShortcut(pauseKey);
    m_pause->setToolTip(tr("Saves a checkpoint and gives the memory of model and training back; the run goes on from "
                           "there later (%1)")
                            .arg(pauseKey.toString(QKeySequence::NativeText)));
    connect(m_pause, &QPushButton::clicked, this, [this] { studio().training().pause(); });
    m_stop = makeButton(tr("Stop"), ButtonKind::Danger, QStringLiteral("stop"));
    m_stop->setShortcut(stopKey);
    m_stop->setToolTip(
        tr("Ends the run and keeps what it has learned so far (%1)").arg(stopKey.toString(QKeySequence::NativeText)));
    connect(m_stop, &QPushButton::clicked, this, [this] { studio().training().stop(); });
    m_enqueue = makeButton(tr("Add to queue"), ButtonKind::Primary, QStringLiteral("clock"));
    m_enqueue->setToolTip(tr("Another run trains; this one goes on when its turn comes"));
    connect(m_enqueue, &QPushButton::clicked, this, [this] { m_actions.enqueue(m_follower.history().record); });
    return {m_resume, m_enqueue, m_save, m_pause, m_stop};
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
    const RunRecord& run = m_follower.history().record;
    m_title->setFullText(runTitle(run));
    m_badge->setText(stateText());
    setTone(m_badge, badgeTone(run.state));
    QStringList facts = {modelTitle(run.model), datasetTitle(run.dataset), methodText(run)};
    if (!run.kernels.empty())
        facts.append(tr("%1 kernels").arg(QString::fromStdString(run.kernels)));
    if (run.trainableParameters)
        facts.append(tr("%1 parameters trained").arg(formatBig(*run.trainableParameters)));
    if (run.state == RunState::Running && !isOurs())
        facts.append(tr("trained by another program"));
    m_subtitle->setFullText(facts.join(QStringLiteral(", ")));
    showControls();
    showOutcome();
}

QString RunPage::stateText() const {
    const TrainingSession& training = studio().training();
    if (!isOurs())
        return runStateText(m_follower.history().record);
    if (training.isStopping())
        return tr("Stopping; saves first");
    if (training.isPausing())
        return tr("Pausing; saves first");
    switch (training.phase()) {
    case TrainingSession::Phase::FetchingModel:
    case TrainingSession::Phase::LoadingModel:
        return tr("Loading the model, %1").arg(formatShare(training.fraction()));
    case TrainingSession::Phase::ReadingData:
        return tr("Reading the rows, %1").arg(formatShare(training.fraction()));
    case TrainingSession::Phase::Training:
    case TrainingSession::Phase::Idle:
        return runStateText(m_follower.history().record);
    }
    Q_UNREACHABLE();
}

void RunPage::showControls() {
    const RunRecord& run = m_follower.history().record;
    TrainingSession& training = studio().training();
    const bool trains = isOurs() && training.phase() == TrainingSession::Phase::Training;
    m_pause->setVisible(isOurs());
    m_pause->setEnabled(!training.isStopping() && !training.isPausing());
    m_save->setVisible(trains);
    m_save->setEnabled(m_pause->isEnabled());
    m_stop->setVisible(trains);
    m_stop->setEnabled(!training.isStopping());
    m_enqueue->setVisible(m_actions.canEnqueue(run) && training.isActive());
    m_resume->setVisible(m_actions.canResume(run) && !training.isActive());
    m_resume->setText(run.started ? tr("Resume") : tr("Start"));
    m_resume->setShortcut(m_pause->shortcut()); // which a new text takes away
    m_resume->setToolTip(run.started
                             ? tr("Goes on from its last checkpoint, as if it had never ended (%1)")
                                   .arg(m_resume->shortcut().toString(QKeySequence::NativeText))
                             : tr("Begins this run (%1)").arg(m_resume->shortcut().toString(QKeySequence::NativeText)));
    m_chat->setVisible(m_actions.canChat(run) && !isOurs());
}

void RunPage::showOutcome() {
    const RunRecord& run = m_follower.history().record;
    const QString why = QString::fromStdString(run.errorMessage);
    if (isOurs())
        m_outcome->hide();
    else if (run.state == RunState::Failed)
        m_outcome->tell(LabelTone::Danger, tr("The run failed."), why);
    else if (run.state == RunState::Interrupted)
        m_outcome->tell(LabelTone::Warning, tr("The run was interrupted."),
                        tr("The program that trained it ended without saving, after step %1. It can go on from its "
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
    m_figures->setFigure(TimeLeft, textOf(figures.secondsLeft, formatDuration));
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

void RunPage::showMenu() {
    const RunRecord run = m_follower.history().record;
    auto* menu = new QMenu(this); // not one that waits: another run may take this page's place meanwhile
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Use these settings in a new run"), this, [this, run] { m_actions.duplicate(run); });
    if (run.state == RunState::Queued)
        menu->addAction(tr("Remove from the queue"), this, [this, run] { m_actions.dequeue(run); });
    else if (m_actions.canEnqueue(run))
        menu->addAction(tr("Add to the queue"), this, [this, run] { m_actions.enqueue(run); });
    menu->addAction(tr("Show its folder"), this, [this, run] { m_actions.showFolder(run); });
    menu->addSeparator();
    QAction* remove = menu->addAction(tr("Delete"), this, [this, run] {
        m_actions.remove({QString::fromStdString(run.id)});
        emit backWanted();
    });
    remove->setEnabled(m_actions.canRemove(run));
    menu->popup(m_more->mapToGlobal(m_more->rect().bottomLeft()));
}

} // namespace lorikeet::ui
