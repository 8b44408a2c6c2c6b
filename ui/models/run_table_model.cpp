// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_table_model.h"

#include <QPointF>

#include <algorithm>
#include <limits>
#include <span>
#include <string_view>
#include <unordered_set>

#include "ui/models/run_text.h"
#include "ui/session/run_feed.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

QString idOf(const RunRecord& run) {
    return QString::fromStdString(run.id);
}

QFont medium() {
    QFont font = Theme::current().font(TextRole::Body);
    font.setWeight(QFont::Medium);
    return font;
}

} // namespace

RunTableModel::RunTableModel(RunFeed& feed, QObject* parent) : QAbstractTableModel(parent), m_feed(feed) {
    connect(&m_feed, &RunFeed::changed, this, [this] { take(m_feed.runs()); });
    take(m_feed.runs());
}

void RunTableModel::setLimit(int rows) {
    m_limit = size_t(rows);
    take(m_feed.runs());
}

int RunTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_runs.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const RunRecord& run = m_runs[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return text(run, index.column());
    case Qt::DecorationRole:
        return index.column() == State ? icon(runStateIcon(run.state), runStateColor(run.state)) : QVariant();
    case Qt::ToolTipRole:
        if (index.column() == State && !run.errorMessage.empty())
            return QString::fromStdString(run.errorMessage);
        return text(run, index.column());
    case Qt::TextAlignmentRole:
        if (index.column() == BestEvaluation || index.column() == Time)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::FontRole:
        return index.column() == Name ? QVariant(medium()) : QVariant();
    case Qt::ForegroundRole:
        return index.column() == Model || index.column() == Dataset || index.column() == Method ||
                       index.column() == Started
                   ? QVariant(Theme::current().color(ColorToken::Secondary))
                   : QVariant();
    case SortRole:
        return sortValue(run, index.column());
    case IdRole:
        return idOf(run);
    case StateRole:
        return int(run.state);
    case CurveRole: {
        QList<QPointF> curve;
        for (const LossPoint& point : m_feed.lossPreview(idOf(run)))
            curve.append({double(point.step), point.loss});
        return QVariant::fromValue(curve);
    }
    case Qt::AccessibleTextRole:
        if (index.column() == Loss)
            return run.loss ? tr("Loss %1").arg(formatLoss(*run.loss)) : tr("No loss yet");
        return text(run, index.column());
    default:
        return {};
    }
}

QVariant RunTableModel::text(const RunRecord& run, int column) const {
    switch (column) {
    case Name:
        return runTitle(run);
    case State:
        if (const auto place = m_queue.indexOf(idOf(run)); place >= 0 && run.state == RunState::Queued)
            return tr("Queued, number %1").arg(place + 1);
        return runStateText(run);
    case Model:
        return modelTitle(run.model);
    case Dataset:
        return datasetTitle(run.dataset);
    case Method: {
        QString& method = m_methods[idOf(run)];
        if (method.isEmpty())
            method = methodText(run);
        return method;
    }
    case BestEvaluation:
        return run.bestEvaluation ? formatLoss(*run.bestEvaluation) : QString();
    case Time:
        return run.seconds ? formatDuration(*run.seconds) : QString();
    case Started:
        return formatWhen(run.started.value_or(run.created));
    default: // the loss is drawn
        return {};
    }
}

QVariant RunTableModel::sortValue(const RunRecord& run, int column) const {
    constexpr double kLast = std::numeric_limits<double>::max();
    switch (column) {
    case Loss:
        return run.loss.value_or(kLast);
    case BestEvaluation:
        return run.bestEvaluation.value_or(kLast);
    case Time:
        return run.seconds.value_or(kLast);
    case Started:
        return qlonglong(run.started.value_or(run.created));
    case State:
        return int(run.state);
    default:
        return text(run, column);
    }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == BestEvaluation || section == Time ? int(Qt::AlignRight | Qt::AlignVCenter)
                                                            : int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Name");
    case State:
        return tr("State");
    case Model:
        return tr("Model");
    case Dataset:
        return tr("Dataset");
    case Method:
        return tr("Method");
    case Loss:
        return tr("Loss");
    case BestEvaluation:
        return tr("Best eval");
    case Time:
        return tr("Time");
    case Started:
        return tr("Started");
    default:
        return {};
    }
}

Qt::ItemFlags RunTableModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == Name)
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool RunTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const QString name = value.toString().trimmed();
    if (!index.isValid() || index.column() != Name || role != Qt::EditRole || name.isEmpty())
        return false;
    RunRecord& run = m_runs[size_t(index.row())];
    if (name == runTitle(run))
        return false;
    m_feed.rename(idOf(run), name);
    run.name = name.toStdString(); // shown at once; the feed brings what the database has
    emit dataChanged(index, index);
    return true;
}

void RunTableModel::take(const std::vector<RunRecord>& all) {
    const std::span<const RunRecord> runs(all.data(), std::min(all.size(), m_limit));
    // Rows go and come one by one, so that selections stay where they are.
    std::unordered_set<std::string_view> there;
    for (const RunRecord& run : runs)
        there.insert(run.id);
    for (int row = int(m_runs.size()) - 1; row >= 0; --row) {
        if (there.contains(m_runs[size_t(row)].id))
            continue;
        beginRemoveRows({}, row, row);
        m_runs.erase(m_runs.begin() + row);
        endRemoveRows();
    }
    for (int row = 0; row < int(runs.size()); ++row) {
        const RunRecord& run = runs[size_t(row)];
        if (row < int(m_runs.size()) && m_runs[size_t(row)].id == run.id) {
            replace(row, run);
            continue;
        }
        beginInsertRows({}, row, row);
        m_runs.insert(m_runs.begin() + row, run);
        endInsertRows();
    }
    if (m_queue != m_feed.queue()) {
        m_queue = m_feed.queue();
        if (!m_runs.empty())
            emit dataChanged(index(0, State), index(rowCount() - 1, State)); // which says their places
    }
    if (const QDate today = QDate::currentDate(); today != m_today) {
        m_today = today;
        if (!m_runs.empty())
            emit dataChanged(index(0, Started), index(rowCount() - 1, Started)); // "Today" has become "Yesterday"
    }
}

void RunTableModel::replace(int row, const RunRecord& run) {
    RunRecord& known = m_runs[size_t(row)];
    if (known == run)
        return;
    // A view that is told of a cell forgets what is being typed there: so the name only where it is another one.
    const int first = known.name == run.name ? Name + 1 : Name;
    known = run;
    emit dataChanged(index(row, first), index(row, kColumns - 1));
}

} // namespace lorikeet::ui
