// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QTimer;

namespace lorikeet {
struct ChatSide;
}

namespace lorikeet::ui {

class ChatSources;
class ConversationModel;
class ConversationShelf;

/// The left of the page: the conversations that are kept, with search, and the button for a new one.
class ChatList : public QWidget {
    Q_OBJECT
public:
    ChatList(ConversationShelf& shelf, const ChatSources& sources, QWidget* parent = nullptr);

    /// The conversation on the page; empty: one that is not kept yet.
    void setCurrent(const QString& id);
    /// Edits the title of the conversation on the page, in its row.
    void renameCurrent();
    QListView* view() const { return m_view; }
    QLineEdit* search() const { return m_search; }

signals:
    void newWanted();
    void chosen(const QString& id);
    void renamed(const QString& id, const QString& title);
    void deleteWanted(const QString& id, const QString& title);

private:
    QWidget* makeHead();
    void showList();
    void select();
    void askToDelete(const QModelIndex& index);
    void showMenu(const QPoint& place);

    ConversationShelf& m_shelf;
    ConversationModel* m_model;
    QLineEdit* m_search;
    QListView* m_view;
    QLabel* m_empty;
    QTimer* m_searchDelay;
    QString m_current;
};

} // namespace lorikeet::ui
