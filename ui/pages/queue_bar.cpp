// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/queue_bar.h"

#include <QHBoxLayout>
#include <QPushButton>

#include "ui/models/run_text.h"
#include "ui/session/studio.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

QueueBar::QueueBar(Studio& studio, QWidget* parent)
    : QFrame(parent), m_studio(studio), m_text(new ElidedLabel),
      m_up(makeButton(tr("Earlier"), ButtonKind::Normal, QStringLiteral("chevron-up"))),
      m_down(makeButton(tr("Later"), ButtonKind::Normal, QStringLiteral("chevron-down"))),
      m_remove(makeButton(tr("Remove from the queue"))),
      m_start(makeButton(tr("Start now"), ButtonKind::Normal, QStringLiteral("play"))) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::kGrid);
    row->addWidget(m_text, 1);
    for (QPushButton* button : {m_up, m_down, m_remove, m_start})
        row->addWidget(button);
    connect(m_up, &QPushButton::clicked, this, [this] { move(-1); });
    connect(m_down, &QPushButton::clicked, this, [this] { move(1); });
    connect(m_remove, &QPushButton::clicked, this, [this] { m_studio.runs().dequeue(m_run); });
    connect(m_start, &QPushButton::clicked, this, &QueueBar::startSelected);
    connect(&studio.runs(), &RunFeed::changed, this, &QueueBar::showQueue);
    connect(&studio.training(), &TrainingSession::changed, this, &QueueBar::showQueue);
    showQueue();
}

void QueueBar::select(const QString& run) {
    m_run = run;
    showQueue();
}

void QueueBar::move(int by) {
    const QStringList& queue = m_studio.runs().queue();
    const qsizetype place = queue.indexOf(m_run);
    if (place >= 0 && place + by >= 0 && place + by < queue.size())
        m_studio.runs().moveInQueue(m_run, int(place) + by);
}

void QueueBar::showQueue() {
    const QStringList& queue = m_studio.runs().queue();
    setVisible(!queue.isEmpty());
    if (queue.isEmpty())
        return;
    const RunRecord* first = m_studio.runs().find(queue.first());
    const QString next = first ? runTitle(*first) : queue.first();
    m_text->setFullText(queue.size() == 1
                            ? tr("1 run waits in the queue: %1").arg(next)
                            : tr("%1 runs wait in the queue, the next one is %2").arg(queue.size()).arg(next));
    const qsizetype place = queue.indexOf(m_run);
    m_up->setEnabled(place > 0);
    m_down->setEnabled(place >= 0 && place + 1 < queue.size());
    m_remove->setEnabled(place >= 0);
    const QString none = tr("Select a run that waits in the queue");
    m_up->setToolTip(place > 0    ? tr("Moves the selected run one place forward in the queue (Alt+Up)")
                     : place == 0 ? tr("The selected run is the next one already")
                                  : none);
    m_down->setToolTip(m_down->isEnabled() ? tr("Moves the selected run one place back in the queue (Alt+Down)")
                       : place >= 0        ? tr("The selected run is the last one already")
                                           : none);
    m_remove->setToolTip(
        place >= 0 ? tr("Takes the selected run out of the queue; it stays in the list and can start later") : none);
    const bool trains = m_studio.training().isActive();
    m_start->setEnabled(!trains);
    m_start->setToolTip(trains       ? tr("A run trains; the next one starts when it has ended")
                        : place >= 0 ? tr("Starts the selected run")
                                     : tr("Starts the next run of the queue"));
}

void QueueBar::startSelected() {
    const RunRecord* run = m_studio.runs().queue().contains(m_run) ? m_studio.runs().find(m_run) : nullptr;
    if (!run)
        m_studio.queue().startNext();
    else if (!m_studio.training().isActive() && !m_studio.queue().isStarting())
        m_studio.training().resume(m_run, runTitle(*run));
}

} // namespace lorikeet::ui
