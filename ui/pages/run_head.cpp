// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_head.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/models/run_text.h"
#include "ui/pages/run_actions.h"
#include "ui/session/studio.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

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

} // namespace

RunHead::RunHead(Studio& studio, const RunActions& actions, QWidget* parent)
    : QWidget(parent), m_training(studio.training()), m_actions(actions) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kInside);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kGrid);
    QToolButton* back = makeIconButton(QStringLiteral("chevron-left"), tr("All runs"));
    connect(back, &QToolButton::clicked, this, &RunHead::backWanted);
    line->addWidget(back);
    m_title = new ElidedLabel({}, Qt::ElideMiddle);
    m_title->setProperty("role", QStringLiteral("title"));
    line->addWidget(m_title);
    m_badge = makeLabel({}, LabelRole::Badge);
    line->addWidget(m_badge);
    line->addStretch(1);
    m_more = makeIconButton(QStringLiteral("more"), tr("More that can be done with this run"));
    connect(m_more, &QToolButton::clicked, this, &RunHead::showMenu);
    line->addWidget(m_more);
    const QList<QPushButton*> controls = makeControls();
    for (QPushButton* control : controls) {
        control->hide();
        line->addWidget(control);
    }
    layout->addLayout(line);
    m_subtitle = new ElidedLabel;
    m_subtitle->setProperty("role", QStringLiteral("body-secondary"));
    layout->addWidget(m_subtitle);
}

QList<QPushButton*> RunHead::makeControls() {
    const QKeySequence pauseKey(Qt::CTRL | Qt::Key_P), stopKey(Qt::CTRL | Qt::Key_Period);
    m_resume = makeButton(tr("Resume"), ButtonKind::Primary, QStringLiteral("play"));
    m_resume->setShortcut(pauseKey);
    connect(m_resume, &QPushButton::clicked, this, [this] { m_actions.resume(m_run); });
    m_save = makeButton(tr("Save now"), ButtonKind::Normal, QStringLiteral("save"));
    m_save->setShortcut(QKeySequence::Save);
    m_save->setToolTip(tr("Saves a checkpoint after the step under way, and trains on (%1)")
                           .arg(m_save->shortcut().toString(QKeySequence::NativeText)));
    connect(m_save, &QPushButton::clicked, this, [this] { m_training.saveNow(); });
    m_pause = makeButton(tr("Pause"), ButtonKind::Normal, QStringLiteral("pause"));
    m_pause->setShortcut(pauseKey);
    m_pause->setToolTip(
        tr("Saves a checkpoint and gives the memory of the training back, and that of the model where no "
           "chat uses it; the run goes on from there later (%1)")
            .arg(pauseKey.toString(QKeySequence::NativeText)));
    connect(m_pause, &QPushButton::clicked, this, [this] { m_training.pause(); });
    m_stop = makeButton(tr("Stop"), ButtonKind::Danger, QStringLiteral("stop"));
    m_stop->setShortcut(stopKey);
    m_stop->setToolTip(
        tr("Ends the run and keeps what it has learned so far (%1)").arg(stopKey.toString(QKeySequence::NativeText)));
    connect(m_stop, &QPushButton::clicked, this, [this] { m_training.stop(); });
    m_enqueue = makeButton(tr("Add to queue"), ButtonKind::Primary, QStringLiteral("clock"));
    m_enqueue->setToolTip(tr("Another run trains; this one goes on when its turn comes"));
    connect(m_enqueue, &QPushButton::clicked, this, [this] { m_actions.enqueue(m_run); });
    m_chat = makeButton(tr("Chat with it"), ButtonKind::Primary, QStringLiteral("chat"));
    m_chat->setToolTip(tr("Asks the tuned model, beside the base"));
    connect(m_chat, &QPushButton::clicked, this, [this] { m_actions.chat(m_run); });
    return {m_resume, m_enqueue, m_save, m_pause, m_stop, m_chat};
}

bool RunHead::isOurs() const {
    return m_training.run() == QString::fromStdString(m_run.id);
}

void RunHead::setRun(const RunRecord& run) {
    m_run = run;
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
}

QString RunHead::stateText() const {
    if (!isOurs())
        return runStateText(m_run);
    if ((m_training.isStopping() || m_training.isPausing()) && m_training.phase() != TrainingSession::Phase::Training)
        return tr("Giving up");
    if (m_training.isStopping())
        return tr("Stopping; saves first");
    if (m_training.isPausing())
        return tr("Pausing; saves first");
    switch (m_training.phase()) {
    case TrainingSession::Phase::FetchingModel:
    case TrainingSession::Phase::LoadingModel:
        return tr("Loading the model, %1").arg(formatShare(m_training.fraction()));
    case TrainingSession::Phase::ChoosingBlocksizes:
        return tr("Choosing blocksizes, %1").arg(formatShare(m_training.fraction()));
    case TrainingSession::Phase::ReadingData:
        return tr("Reading the rows, %1").arg(formatShare(m_training.fraction()));
    case TrainingSession::Phase::Training:
    case TrainingSession::Phase::Idle:
        return runStateText(m_run);
    }
    Q_UNREACHABLE();
}

void RunHead::showControls() {
    const bool trains = isOurs() && m_training.phase() == TrainingSession::Phase::Training;
    m_pause->setVisible(isOurs());
    m_pause->setEnabled(!m_training.isStopping() && !m_training.isPausing());
    m_save->setVisible(trains);
    m_save->setEnabled(m_pause->isEnabled() && !m_training.isSaving());
    m_save->setText(m_training.isSaving() ? tr("Saving…") : tr("Save now"));
    m_save->setShortcut(QKeySequence::Save); // which a new text takes away
    m_stop->setVisible(trains);
    m_stop->setEnabled(!m_training.isStopping());
    m_enqueue->setVisible(m_actions.canEnqueue(m_run) && m_training.isActive());
    m_resume->setVisible(m_actions.canResume(m_run) && !m_training.isActive());
    m_resume->setText(m_run.started ? tr("Resume") : tr("Start"));
    m_resume->setShortcut(m_pause->shortcut()); // which a new text takes away
    m_resume->setToolTip(m_run.started
                             ? tr("Goes on from its last checkpoint, as if it had never ended (%1)")
                                   .arg(m_resume->shortcut().toString(QKeySequence::NativeText))
                             : tr("Begins this run (%1)").arg(m_resume->shortcut().toString(QKeySequence::NativeText)));
    m_chat->setVisible(m_actions.canChat(m_run) && !isOurs());
    // One filled button a page: of a run that can go on, that which has it go on.
    const bool isFirst = !m_actions.canResume(m_run);
    setStyleProperty(m_chat, "kind", isFirst ? QStringLiteral("primary") : QStringLiteral("normal"));
    m_chat->setIcon(icon(QStringLiteral("chat"), isFirst ? ColorToken::OnAccent : ColorToken::Text));
}

void RunHead::showMenu() {
    const RunRecord run = m_run;
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
