// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>

#include <functional>
#include <vector>

#include "core/runs/chat_record.h"

namespace lorikeet::ui {

/// The list of conversations, as it is handed over. The title can be edited.
class ConversationModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { IdRole = Qt::UserRole, WhenRole, SidesRole };

    /// `sideName` calls a side by a short name.
    explicit ConversationModel(std::function<QString(const ChatSide&)> sideName, QObject* parent = nullptr);

    void setList(std::vector<Conversation> list);
    QModelIndex indexOf(const QString& id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    /// The user has given a conversation another title.
    void renamed(const QString& id, const QString& title);

private:
    QString sidesText(const Conversation& conversation) const;

    std::function<QString(const ChatSide&)> m_sideName;
    std::vector<Conversation> m_list;
};

} // namespace lorikeet::ui
