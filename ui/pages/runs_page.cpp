// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs_page.h"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/models/run_filter.h"
#include "ui/models/run_table_model.h"
#include "ui/models/run_text.h"
#include "ui/pages/navigator.h"
#include "ui/pages/queue_bar.h"
#include "ui/pages/run_columns.h"
#include "ui/pages/run_page.h"
#include "ui/session/studio.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/empty_state.h"

namespace lorikeet::ui {
RunsPage::RunsPage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_actions(studio, navigator), m_model(new RunTableModel(studio.runs(), this)),
      m_proxy(new RunFilter(this)), m_stack(new QStackedWidget) {
    m_proxy->setSourceModel(m_model);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    m_stack->addWidget(makeTablePage());
    connectTable();
    followSelection();
}

QWidget* RunsPage::makeTablePage() {
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, metrics::kPage);
    layout->setSpacing(metrics::kGap);
    auto* head = new QHBoxLayout;
    head->setSpacing(metrics::kGrid);
    head->addWidget(makeLabel(tr("Runs"), LabelRole::Title));
    head->addStretch(1);
    m_search = new QLineEdit;
    m_search->setPlaceholderText(tr("Search runs"));
    m_search->setAccessibleName(tr("Search runs by name, model, dataset or method"));
    m_search->setToolTip(tr("Name, model, dataset or method (Ctrl+F)"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(160);
    head->addWidget(m_search);
    m_state = new QComboBox;
    m_state->setAccessibleName(tr("State of the runs that are shown"));
    m_state->setToolTip(tr("Shows only the runs in this state"));
    m_state->addItem(tr("All states"), -1);
    m_state->addItem(tr("Training"), int(RunState::Running));
    m_state->addItem(tr("Finished"), int(RunState::Finished));
    m_state->addItem(tr("In the queue"), int(RunState::Queued));
    m_state->addItem(tr("Paused"), int(RunState::Paused));
    m_state->addItem(tr("Stopped"), int(RunState::Stopped));
    m_state->addItem(tr("Interrupted"), int(RunState::Interrupted));
    m_state->addItem(tr("Failed"), int(RunState::Failed));
    head->addWidget(m_state);
    m_remove = makeButton(tr("Delete"), ButtonKind::Normal, QStringLiteral("trash"));
    m_remove->setToolTip(tr("Deletes the selected runs with their adapters; can be undone (Del)"));
    head->addWidget(m_remove);
    m_compare = makeButton(tr("Compare"), ButtonKind::Normal, QStringLiteral("compare"));
    m_compare->setToolTip(tr("Shows the selected runs side by side: curves, settings, answers"));
    head->addWidget(m_compare);
    QPushButton* newRun = makeButton(tr("New run"), ButtonKind::Primary, QStringLiteral("plus"));
    newRun->setToolTip(tr("Sets up a run (Ctrl+N)"));
    connect(newRun, &QPushButton::clicked, this, [this] { emit navigator().pageWanted(PageId::NewRun); });
    head->addWidget(newRun);
    layout->addLayout(head);
    m_problem = new Banner;
    m_problem->setClosable(false);
    layout->addWidget(m_problem);
    m_queue = new QueueBar(studio(), page);
    layout->addWidget(m_queue);

    m_table = new DataTable(tr("Runs"));
    m_list = new QStackedWidget;
    auto* card = new Card;
    card->setFlushBody();
    card->body()->addWidget(m_table);
    m_list->addWidget(card);
    auto* empty = new EmptyState(QStringLiteral("runs"), tr("No runs yet"),
                                 tr("Each training is kept here with its settings, curves and adapter, also those "
                                    "that the command line starts."),
                                 tr("Start the quick start"));
    connect(empty, &EmptyState::clicked, &navigator(), &Navigator::quickStartWanted);
    m_list->addWidget(empty);
    layout->addWidget(m_list, 1);
    return page;
}

void RunsPage::connectTable() {
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RunTableModel::Started, Qt::DescendingOrder);
    setUpRunColumns(*m_table);
    m_table->setExpendableColumns(
        {RunTableModel::Method, RunTableModel::Dataset, RunTableModel::Model, RunTableModel::Time});
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QWidget::customContextMenuRequested, this, &RunsPage::showMenu);
    connect(m_table, &DataTable::opened, this,
            [this](const QModelIndex& index) { m_actions.open(index.data(RunTableModel::IdRole).toString()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::followSelection);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) { m_proxy->setText(text); });
    connect(m_state, &QComboBox::currentIndexChanged, this, [this] {
        const int state = m_state->currentData().toInt();
        m_proxy->setState(state < 0 ? std::nullopt : std::optional(RunState(state)));
    });
    connect(m_compare, &QPushButton::clicked, this, [this] { m_actions.compare(selectedRuns()); });
    connect(m_remove, &QPushButton::clicked, this, [this] { m_actions.remove(selectedRuns()); });
    const auto onKey = [this](const QKeySequence& key, auto function) {
        connect(new QShortcut(key, m_table, nullptr, nullptr, Qt::WidgetShortcut), &QShortcut::activated, this,
                function);
    };
    onKey(QKeySequence(Qt::ALT | Qt::Key_Up), [this] { m_queue->move(-1); });
    onKey(QKeySequence(Qt::ALT | Qt::Key_Down), [this] { m_queue->move(1); });
    onKey(QKeySequence::Delete, [this] { m_actions.remove(selectedRuns()); });
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, m_search, [this] { m_search->setFocus(); });
    connect(&studio().runs(), &RunFeed::changed, this, &RunsPage::followSelection);
    connect(&studio().runs(), &RunFeed::problemChanged, this, &RunsPage::followSelection);
}

QStringList RunsPage::selectedRuns() const {
    QStringList runs;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        runs.append(index.data(RunTableModel::IdRole).toString());
    return runs;
}

void RunsPage::followSelection() {
    const QStringList selected = selectedRuns();
    const auto count = selected.size();
    m_queue->select(count == 1 ? selected.first() : QString());
    m_compare->setEnabled(count >= 2);
    m_compare->setToolTip(count >= 2 ? tr("Shows the selected runs side by side: curves, settings, answers")
                                     : tr("Select two or more runs to compare them"));
    const bool canRemove = std::ranges::any_of(selected, [this](const QString& id) {
        const RunRecord* run = studio().runs().find(id);
        return run && m_actions.canRemove(*run);
    });
    m_remove->setEnabled(canRemove);
    m_remove->setToolTip(canRemove ? tr("Deletes the selected runs with their adapters; can be undone (Del)")
                         : count >= 1
                             ? tr("A run that trains or waits in the queue cannot be deleted; stop it, or take it out "
                                  "of the queue, first")
                             : tr("Select the runs to delete"));
    const RunFeed& feed = studio().runs();
    m_list->setCurrentIndex(feed.isLoaded() && feed.runs().empty() ? 1 : 0);
    if (feed.problem())
        m_problem->tell(LabelTone::Danger, tr("The runs cannot be read."), feed.problem()->message);
    else
        m_problem->hide();
}

void RunsPage::showMenu(const QPoint& position) {
    const QPersistentModelIndex index = m_table->indexAt(position); // rows may come while the menu is open
    if (!index.isValid())
        return;
    const RunRecord run = m_model->run(m_proxy->mapToSource(index).row());
    const QStringList selected = selectedRuns();
    QMenu menu(this);
    menu.addAction(tr("Open"), this, [&] { m_actions.open(QString::fromStdString(run.id)); });
    menu.addAction(tr("Resume"), this, [&] { m_actions.resume(run); })
        ->setEnabled(m_actions.canResume(run) && !studio().training().isActive());
    if (run.state == RunState::Queued)
        menu.addAction(tr("Remove from the queue"), this, [&] { m_actions.dequeue(run); });
    else if (m_actions.canEnqueue(run))
        menu.addAction(tr("Add to the queue"), this, [&] { m_actions.enqueue(run); });
    menu.addAction(tr("Rename"), this, [&] { m_table->edit(index.sibling(index.row(), RunTableModel::Name)); });
    menu.addAction(tr("Use these settings in a new run"), this, [&] { m_actions.duplicate(run); });
    menu.addAction(tr("Chat with it"), this, [&] { m_actions.chat(run); })->setEnabled(m_actions.canChat(run));
    menu.addAction(tr("Compare the selected runs"), this, [&] { m_actions.compare(selected); })
        ->setEnabled(selected.size() >= 2);
    menu.addAction(tr("Show its folder"), this, [&] { m_actions.showFolder(run); });
    menu.addSeparator();
    menu.addAction(tr("Delete"), this, [&] { m_actions.remove(selected); })->setEnabled(m_actions.canRemove(run));
    menu.exec(m_table->viewport()->mapToGlobal(position));
}

void RunsPage::openRun(const QString& run) {
    if (m_runPage && m_runPage->run() == run) {
        m_stack->setCurrentWidget(m_runPage);
        return;
    }
    RunPage* former = m_runPage;
    m_runPage = new RunPage(studio(), navigator(), run);
    connect(m_runPage, &RunPage::backWanted, this, &RunsPage::showTable);
    m_stack->addWidget(m_runPage);
    m_stack->setCurrentWidget(m_runPage);
    if (former)
        former->deleteLater();
}

QString RunsPage::shownRun() const {
    return m_runPage && m_stack->currentWidget() == m_runPage ? m_runPage->run() : QString();
}

void RunsPage::showTable() {
    m_stack->setCurrentIndex(0);
    m_table->setFocus();
}

} // namespace lorikeet::ui
