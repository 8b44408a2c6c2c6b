// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_list.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QShortcut>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/models/conversation_model.h"
#include "ui/pages/chat_list_delegate.h"
#include "ui/session/chat_sources.h"
#include "ui/session/conversation_shelf.h"
#include "ui/theme/icons.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kWidth = 240;
constexpr int kSearchDelay = 150; // ms after the last key

} // namespace

ChatList::ChatList(ConversationShelf& shelf, const ChatSources& sources, QWidget* parent)
    : QWidget(parent), m_shelf(shelf),
      m_model(new ConversationModel([&sources](const ChatSide& side) { return sources.shortLabel(side); }, this)),
      m_search(new QLineEdit), m_view(new QListView), m_empty(makeParagraph({}, LabelRole::Secondary)),
      m_searchDelay(new QTimer(this)) {
    setFixedWidth(scaled(kWidth));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGrid, metrics::kPage, metrics::kGrid, metrics::kGap);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(makeHead());
    auto* inset = new QVBoxLayout;
    inset->setContentsMargins(metrics::kGrid, metrics::kGrid, metrics::kGrid, 0);
    m_search->setPlaceholderText(tr("Search conversations"));
    m_search->setAccessibleName(tr("Search conversations"));
    m_search->setToolTip(tr("Finds words in titles, prompts and answers"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(QStringLiteral("search"), ColorToken::Secondary), QLineEdit::LeadingPosition);
    inset->addWidget(m_search);
    inset->addWidget(m_empty);
    layout->addLayout(inset);
    m_view->setModel(m_model);
    m_view->setItemDelegate(new ChatListDelegate(m_view));
    m_view->setAccessibleName(tr("Conversations"));
    m_view->setProperty("role", QStringLiteral("plain"));
    m_view->setMouseTracking(true);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setTabKeyNavigation(false);
    layout->addWidget(m_view, 1);
    QLabel* foot = makeParagraph(tr("Kept on this computer"), LabelRole::Secondary);
    foot->setContentsMargins(metrics::kGrid, 0, metrics::kGrid, 0);
    layout->addWidget(foot);

    m_searchDelay->setSingleShot(true);
    m_searchDelay->setInterval(kSearchDelay);
    connect(m_search, &QLineEdit::textChanged, m_searchDelay, qOverload<>(&QTimer::start));
    connect(m_searchDelay, &QTimer::timeout, this, [this] { m_shelf.setSearch(m_search->text().trimmed()); });
    connect(&m_shelf, &ConversationShelf::changed, this, &ChatList::showList);
    connect(&sources, &ChatSources::changed, m_view->viewport(), qOverload<>(&QWidget::update));
    connect(m_model, &ConversationModel::renamed, this, &ChatList::renamed);
    const auto choose = [this](const QModelIndex& index) {
        const QString id = index.data(ConversationModel::IdRole).toString();
        if (id != m_current)
            emit chosen(id);
    };
    connect(m_view, &QListView::clicked, this, choose);
    connect(m_view, &QListView::activated, this, choose);
    connect(m_view, &QListView::customContextMenuRequested, this, &ChatList::showMenu);
    auto* remove = new QShortcut(QKeySequence::Delete, m_view, nullptr, nullptr, Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, [this] { askToDelete(m_view->currentIndex()); });
    showList();
}

QWidget* ChatList::makeHead() {
    auto* head = new QWidget;
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(metrics::kGrid, 0, metrics::kGrid, 0);
    layout->addWidget(makeLabel(tr("Chat"), LabelRole::Title), 1);
    QPushButton* add = makeButton(tr("New"), ButtonKind::Normal, QStringLiteral("plus"));
    add->setAccessibleName(tr("New conversation"));
    add->setToolTip(tr("Begin a new conversation with the models of this one"));
    connect(add, &QPushButton::clicked, this, &ChatList::newWanted);
    layout->addWidget(add);
    return head;
}

void ChatList::showList() {
    // Another order would take the editor of a title away.
    const bool isEditing = m_view->indexWidget(m_view->currentIndex()) || m_view->findChild<QLineEdit*>();
    if (isEditing) {
        QTimer::singleShot(kSearchDelay, this, &ChatList::showList);
        return;
    }
    m_model->setList(m_shelf.list());
    const bool isEmpty = m_shelf.list().empty();
    m_empty->setVisible(isEmpty && m_shelf.isLoaded());
    m_empty->setText(m_shelf.search().isEmpty() ? tr("What you say to your models is kept here.")
                                                : tr("No conversation has these words."));
    select();
}

void ChatList::setCurrent(const QString& id) {
    m_current = id;
    select();
}

void ChatList::select() {
    const QModelIndex index = m_current.isEmpty() ? QModelIndex() : m_model->indexOf(m_current);
    if (!index.isValid())
        m_view->clearSelection();
    else if (m_view->currentIndex() != index || !m_view->selectionModel()->isSelected(index))
        m_view->setCurrentIndex(index);
}

void ChatList::renameCurrent() {
    const QModelIndex index = m_model->indexOf(m_current);
    if (!index.isValid())
        return;
    m_view->scrollTo(index);
    m_view->setCurrentIndex(index);
    m_view->edit(index);
}

void ChatList::askToDelete(const QModelIndex& index) {
    if (index.isValid())
        emit deleteWanted(index.data(ConversationModel::IdRole).toString(), index.data().toString());
}

void ChatList::showMenu(const QPoint& place) {
    const QPersistentModelIndex index = m_view->indexAt(place);
    if (!index.isValid())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Rename"), m_view, [this, index] {
        if (index.isValid())
            m_view->edit(index);
    });
    menu->addAction(tr("Delete"), this, [this, index] { askToDelete(index); });
    menu->popup(m_view->viewport()->mapToGlobal(place));
}

} // namespace lorikeet::ui
