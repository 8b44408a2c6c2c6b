// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/home_page.h"

#include <QGridLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/models/run_table_model.h"
#include "ui/models/run_text.h"
#include "ui/pages/device_card.h"
#include "ui/pages/disk_card.h"
#include "ui/pages/navigator.h"
#include "ui/pages/quick_start_card.h"
#include "ui/pages/run_columns.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/theme/scale.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kRecentRuns = 12;
constexpr int kUpperHeight = 192;
constexpr int kRightColumn = 296;
constexpr int kWideFrom = 900;             // of the page
constexpr int kWideWithInterrupted = 1100; // with a third card in the upper row
const QString kDismissed = QStringLiteral("home/dismissed");

} // namespace

HomePage::HomePage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_actions(studio, navigator), m_model(new RunTableModel(studio.runs(), this)) {
    m_model->setLimit(kRecentRuns);
    QVBoxLayout* layout = makeFrame(tr("Home"));
    QPushButton* openFile = makeButton(tr("Open run file…"), ButtonKind::Normal, QStringLiteral("folder"));
    openFile->setToolTip(tr("Sets up a run from a file that was saved in New run or written for the command line"));
    connect(openFile, &QPushButton::clicked, &navigator, &Navigator::runFileWanted);
    head()->addWidget(openFile);
    QPushButton* newRun = makeButton(tr("New run"), ButtonKind::Normal, QStringLiteral("plus"));
    newRun->setToolTip(tr("Sets up a run (Ctrl+N)"));
    connect(newRun, &QPushButton::clicked, this, [this] { emit this->navigator().pageWanted(PageId::NewRun); });
    head()->addWidget(newRun);

    m_dismissed = Settings().state(kDismissed).toStringList();
    m_content = new QWidget;
    m_content->setProperty("role", QStringLiteral("content"));
    m_grid = new QGridLayout(m_content);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(metrics::kGap);
    m_quickStart = new QuickStartCard(studio, navigator);
    m_interrupted = makeInterruptedCard();
    m_recent = makeRecentCard();
    m_device = new DeviceCard(studio);
    m_disk = new DiskCard(studio);
    m_queue = new Banner;
    m_queue->setClosable(false);
    layout->addWidget(m_queue);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_content);
    layout->addWidget(scroll, 1);
    arrange();
    connect(&studio.runs(), &RunFeed::changed, this, &HomePage::follow);
    connect(&studio.training(), &TrainingSession::changed, this, &HomePage::showResume);
    connect(&studio.training(), &TrainingSession::changed, this, [this] {
        if (this->studio().training().isActive()) // when it ends, the next one may be about to begin
            showQueue();
    });
    follow();
}

Card* HomePage::makeInterruptedCard() {
    auto* card = new Card(tr("Interrupted run"));
    m_interruptedText = makeParagraph({});
    card->body()->addWidget(m_interruptedText);
    card->body()->addStretch(1);
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kGrid);
    m_resume = makeButton(tr("Resume"), ButtonKind::Primary, QStringLiteral("play"));
    connect(m_resume, &QPushButton::clicked, this, [this] {
        if (const RunRecord* run = studio().runs().find(m_interruptedRun))
            m_actions.resume(*run);
    });
    row->addWidget(m_resume);
    QPushButton* again = makeButton(tr("Use its settings"));
    again->setToolTip(tr("Opens its settings in New run, for a run that starts from the beginning"));
    connect(again, &QPushButton::clicked, this, [this] {
        if (const RunRecord* run = studio().runs().find(m_interruptedRun))
            m_actions.duplicate(*run);
    });
    row->addWidget(again);
    QPushButton* open = makeButton(tr("Open run"));
    open->setToolTip(tr("Shows what it had reached"));
    connect(open, &QPushButton::clicked, this, [this] { m_actions.open(m_interruptedRun); });
    row->addWidget(open);
    row->addStretch(1);
    QPushButton* dismiss = makeButton(tr("Dismiss"), ButtonKind::Plain);
    dismiss->setToolTip(tr("Does not show this again; the run stays in the list"));
    connect(dismiss, &QPushButton::clicked, this, &HomePage::dismissInterrupted);
    row->addWidget(dismiss);
    card->body()->addLayout(row);
    return card;
}

Card* HomePage::makeRecentCard() {
    auto* card = new Card(tr("Recent runs"));
    m_all = makeButton(tr("All runs"), ButtonKind::Link);
    m_all->setToolTip(tr("Shows all runs"));
    connect(m_all, &QPushButton::clicked, this, [this] { emit navigator().pageWanted(PageId::Runs); });
    card->head()->addWidget(m_all);
    card->setFlushBody();
    m_table = new DataTable(tr("Recent runs"));
    m_table->setModel(m_model);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    setUpRunColumns(*m_table);
    m_table->hideColumn(RunTableModel::Dataset);
    m_table->setExpendableColumns({RunTableModel::Method, RunTableModel::Model, RunTableModel::Time});
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_table, &DataTable::opened, this,
            [this](const QModelIndex& index) { m_actions.open(index.data(RunTableModel::IdRole).toString()); });
    connect(m_table, &QTableView::clicked, this,
            [this](const QModelIndex& index) { m_actions.open(index.data(RunTableModel::IdRole).toString()); });
    card->body()->addWidget(m_table);
    return card;
}

void HomePage::arrange() {
    const bool hasInterrupted = !m_interruptedRun.isEmpty();
    const bool isWide = width() >= scaled(hasInterrupted ? kWideWithInterrupted : kWideFrom);
    if (m_arranged == std::pair(hasInterrupted, isWide))
        return;
    m_arranged = std::pair(hasInterrupted, isWide);
    while (QLayoutItem* item = m_grid->takeAt(0))
        delete item;
    m_quickStart->setMinimumHeight(kUpperHeight);
    m_interrupted->setVisible(hasInterrupted);
    m_grid->addWidget(m_quickStart, 0, 0, 1, hasInterrupted ? 1 : 2);
    m_grid->addWidget(m_interrupted, 0, 1);
    m_grid->addWidget(m_recent, 1, 0, 2, 2, Qt::AlignTop);
    // Narrow: what stands on the right goes below.
    m_grid->addWidget(m_device, isWide ? 0 : 3, isWide ? 2 : 0);
    m_grid->addWidget(m_disk, isWide ? 1 : 3, isWide ? 2 : 1, Qt::AlignTop);
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(1, 1);
    m_grid->setColumnMinimumWidth(2, isWide ? scaled(kRightColumn) : 0);
    m_grid->setRowStretch(4, 1);
    for (Card* card : {static_cast<Card*>(m_device), static_cast<Card*>(m_disk)})
        card->setMaximumWidth(isWide ? scaled(kRightColumn) : QWIDGETSIZE_MAX);
}

void HomePage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    arrange();
}

void HomePage::follow() {
    const std::vector<RunRecord>& runs = studio().runs().runs();
    m_interruptedRun.clear();
    for (const RunRecord& run : runs) {
        const QString id = QString::fromStdString(run.id);
        if (run.state != RunState::Interrupted || m_dismissed.contains(id))
            continue;
        m_interruptedRun = id;
        m_interrupted->setTitle(tr("Interrupted run: %1").arg(runTitle(run)));
        m_interruptedText->setText(
            run.totalSteps ? tr("How it ended was not recorded; the last thing known of it is step %1 of %2. It can "
                                "go on from its last checkpoint, or from the beginning where it has none.")
                                 .arg(run.steps)
                                 .arg(*run.totalSteps)
                           : tr("The program that trained it ended before its first step."));
        break;
    }
    showResume();
    showQueue();
    m_quickStart->setPrimary(m_interruptedRun.isEmpty());
    m_recent->setVisible(!runs.empty());
    m_all->setText(runs.size() > kRecentRuns ? tr("All %1 runs").arg(runs.size()) : tr("All runs"));
    const int rows = m_model->rowCount();
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() +
                            rows * m_table->verticalHeader()->defaultSectionSize() + 2);
    arrange();
}

void HomePage::showResume() {
    const bool trains = studio().training().isActive();
    m_resume->setEnabled(!trains);
    m_resume->setToolTip(trains ? tr("Another run trains; this one can go on when that has ended")
                                : tr("Goes on from its last checkpoint, as if it had never ended"));
}

void HomePage::showQueue() {
    const bool isWaiting = !studio().training().isActive() && !studio().queue().isStarting();
    const qsizetype count = isWaiting ? studio().runs().queue().size() : 0;
    if (count == std::exchange(m_shownQueue, count)) // else its buttons would go while one presses them
        return;
    if (count == 0)
        return m_queue->hide();
    m_queue->tell(LabelTone::Plain,
                  count == 1 ? tr("1 run waits in the queue.") : tr("%1 runs wait in the queue.").arg(count),
                  tr("Nothing trains at present."));
    QPushButton* start = m_queue->addAction(tr("Start the queue"));
    start->setToolTip(tr("Trains the queued runs one after the other"));
    connect(start, &QPushButton::clicked, this, [this] { studio().queue().startNext(); });
    QPushButton* show = m_queue->addAction(tr("Show the queue"));
    show->setToolTip(tr("Shows the runs, where their order can be changed"));
    connect(show, &QPushButton::clicked, this, [this] { emit navigator().pageWanted(PageId::Runs); });
}

void HomePage::dismissInterrupted() {
    m_dismissed.append(m_interruptedRun);
    Settings().setState(kDismissed, m_dismissed);
    follow();
}

} // namespace lorikeet::ui
