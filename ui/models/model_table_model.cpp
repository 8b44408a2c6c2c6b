// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/model_table_model.h"

#include <algorithm>
#include <map>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {

QString modelFormat(const ModelInspection& facts) {
    std::map<std::string, int64_t> bytes;
    for (const TensorEntry& tensor : facts.tensors)
        bytes[tensor.type] += tensor.bytes;
    const auto most =
        std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    const QString kind = facts.path.extension() == ".gguf" ? QStringLiteral("GGUF") : QStringLiteral("safetensors");
    return most == bytes.end() ? kind : QStringLiteral("%1, %2").arg(kind, QString::fromStdString(most->first));
}

QString modelLicense(const ModelInspection& facts) {
    return facts.license.empty() ? ModelTableModel::tr("Unknown") : QString::fromStdString(facts.license);
}

void ModelTableModel::setEntries(std::vector<ModelEntry> entries) {
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
}

const ModelEntry* ModelTableModel::entry(int row) const {
    return row >= 0 && row < int(m_entries.size()) ? &m_entries[size_t(row)] : nullptr;
}

int ModelTableModel::rowOf(const QString& name) const {
    for (size_t row = 0; row < m_entries.size(); ++row)
        if (name == QString::fromStdString(m_entries[row].model.name))
            return int(row);
    return -1;
}

int ModelTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_entries.size());
}

int ModelTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(kColumns);
}

QString ModelTableModel::text(const ModelEntry& entry, int column) const {
    switch (column) {
    case Name:
        return QString::fromStdString(entry.model.name);
    case Family:
        if (!entry.model.problem.empty() || !entry.problem.isEmpty())
            return tr("Cannot be read");
        if (!entry.model.isThere)
            return tr("Its files are gone");
        return entry.facts ? QString::fromStdString(entry.facts->config.architecture) : QString();
    case Parameters:
        return entry.facts ? formatBig(entry.facts->parameters) : QString();
    case Format:
        return entry.facts ? modelFormat(*entry.facts) : QString();
    case Size:
        return entry.model.isThere ? formatFileSize(entry.model.bytes) : QString();
    case License:
        return entry.facts ? modelLicense(*entry.facts) : QString();
    default:
        return {};
    }
}

QVariant ModelTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ModelEntry& entry = m_entries[size_t(index.row())];
    const bool isWrong = !entry.model.isThere || !entry.model.problem.empty() || !entry.problem.isEmpty();
    switch (role) {
    case Qt::DisplayRole:
        return text(entry, index.column());
    case Qt::ToolTipRole:
        return !entry.model.problem.empty() ? QString::fromStdString(entry.model.problem)
               : !entry.problem.isEmpty()   ? entry.problem
                                            : QString::fromStdString(entry.model.path.string());
    case Qt::ForegroundRole:
        if (isWrong && index.column() == Family)
            return Theme::current().color(ColorToken::WarningText);
        return {};
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter |
                   (index.column() == Parameters || index.column() == Size ? Qt::AlignRight : Qt::AlignLeft));
    default:
        return {};
    }
}

QVariant ModelTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && (section == Parameters || section == Size))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    static const char* const kTitles[] = {QT_TR_NOOP("Name"),   QT_TR_NOOP("Family"), QT_TR_NOOP("Parameters"),
                                          QT_TR_NOOP("Format"), QT_TR_NOOP("Size"),   QT_TR_NOOP("License")};
    return role == Qt::DisplayRole && section < kColumns ? tr(kTitles[section]) : QVariant();
}

} // namespace lorikeet::ui
