// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/conversation_model.h"

#include <QDateTime>

#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr qint64 kNow = 60 * 1000; // ms

} // namespace

ConversationModel::ConversationModel(std::function<QString(const ChatSide&)> sideName, QObject* parent)
    : QAbstractListModel(parent), m_sideName(std::move(sideName)) {}

void ConversationModel::setList(std::vector<Conversation> list) {
    const bool isSameOrder = std::equal(list.begin(), list.end(), m_list.begin(), m_list.end(),
                                        [](const auto& one, const auto& other) { return one.id == other.id; });
    if (isSameOrder) {
        m_list = std::move(list);
        if (!m_list.empty())
            emit dataChanged(index(0), index(int(m_list.size()) - 1));
        return;
    }
    beginResetModel();
    m_list = std::move(list);
    endResetModel();
}

QModelIndex ConversationModel::indexOf(const QString& id) const {
    for (int row = 0; row < int(m_list.size()); ++row)
        if (QString::fromStdString(m_list[std::size_t(row)].id) == id)
            return index(row);
    return {};
}

int ConversationModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_list.size());
}

QString ConversationModel::sidesText(const Conversation& conversation) const {
    QStringList names;
    for (const ChatSide& side : conversation.settings.sides)
        names << m_sideName(side);
    return names.size() == 2 ? tr("%1 and %2").arg(names[0], names[1]) : names.join(QStringLiteral(", "));
}

QVariant ConversationModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Conversation& conversation = m_list[std::size_t(index.row())];
    const QString title = QString::fromStdString(conversation.settings.title);
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
    case Qt::ToolTipRole:
        return title;
    case IdRole:
        return QString::fromStdString(conversation.id);
    case WhenRole: {
        if (QDateTime::currentMSecsSinceEpoch() - conversation.updated < kNow)
            return tr("Now");
        const QString when = formatWhen(conversation.updated);
        const bool isToday = QDateTime::fromMSecsSinceEpoch(conversation.updated).date() == QDate::currentDate();
        return isToday ? when : when.section(QLatin1Char(','), 0, 0);
    }
    case SidesRole:
        return sidesText(conversation);
    case Qt::AccessibleTextRole:
        return tr("%1, %2, %3").arg(title, sidesText(conversation), formatWhen(conversation.updated));
    default:
        return {};
    }
}

bool ConversationModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const QString title = value.toString().simplified();
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::EditRole || title.isEmpty())
        return false;
    Conversation& conversation = m_list[std::size_t(index.row())];
    if (QString::fromStdString(conversation.settings.title) == title)
        return true;
    conversation.settings.title = title.toStdString();
    emit dataChanged(index, index);
    emit renamed(QString::fromStdString(conversation.id), title);
    return true;
}

Qt::ItemFlags ConversationModel::flags(const QModelIndex& index) const {
    return index.isValid() ? QAbstractListModel::flags(index) | Qt::ItemIsEditable : Qt::NoItemFlags;
}

} // namespace lorikeet::ui
