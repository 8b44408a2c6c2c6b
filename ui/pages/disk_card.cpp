// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/disk_card.h"

#include <QDir>
#include <QGridLayout>
#include <QHBoxLayout>

#include "ui/session/studio.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/share_bar.h"

namespace lorikeet::ui {
namespace {

constexpr int kModels = 0, kRuns = 3, kDatasets = 4; // series colours

QString shortPath(const std::filesystem::path& path) {
    const QString whole = QString::fromStdString(path.string());
    const QString home = QDir::homePath();
    return whole.startsWith(home + QLatin1Char('/')) ? QLatin1Char('~') + whole.mid(home.size()) : whole;
}

ShareBar::Part part(int64_t bytes, int64_t whole, int series) {
    return {double(bytes) / double(std::max<int64_t>(whole, 1)),
            [series] { return seriesColor(series, Theme::current().scheme()); }};
}

} // namespace

DiskCard::DiskCard(Studio& studio, QWidget* parent)
    : Card(tr("Disk"), parent), m_studio(studio), m_total(makeLabel({}, LabelRole::Figure)),
      m_free(makeLabel({}, LabelRole::Secondary)), m_bar(new ShareBar(tr("Disk in use"))) {
    auto* folder = new ElidedLabel(shortPath(studio.workshop()->folder().root), Qt::ElideMiddle);
    folder->setProperty("role", QStringLiteral("secondary"));
    folder->setAlignment(Qt::AlignRight);
    head()->addWidget(folder, 2);
    auto* line = new QHBoxLayout;
    line->addWidget(m_total);
    line->addWidget(m_free, 1, Qt::AlignBottom);
    body()->addLayout(line);
    body()->addWidget(m_bar);
    auto* table = new QGridLayout;
    table->setColumnStretch(1, 1);
    m_models = addRow(*table, kModels, tr("Models"));
    m_runs = addRow(*table, kRuns, tr("Runs and checkpoints"));
    m_datasets = addRow(*table, kDatasets, tr("Datasets"));
    body()->addLayout(table);
    body()->addStretch(1);
}

QLabel* DiskCard::addRow(QGridLayout& table, int series, const QString& title) {
    const int row = table.rowCount();
    auto* square = new ShareBar(title);
    square->setFixedSize(metrics::kGrid, metrics::kGrid);
    square->setParts({part(1, 1, series)}, title);
    table.addWidget(square, row, 0);
    table.addWidget(makeLabel(title), row, 1);
    QLabel* value = makeLabel({});
    value->setFont(Theme::withTabularFigures(value->font()));
    value->setAlignment(Qt::AlignRight);
    table.addWidget(value, row, 2);
    return value;
}

void DiskCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    m_look = runInBackground(
        this,
        [workshop = m_studio.workshop()](std::stop_token stop) {
            return Facts{dataFolderUse(workshop->folder(), stop), deviceFacts(*workshop).diskFree};
        },
        [this](const Facts& facts) { show(facts); }, [this](const Failure& why) { m_free->setText(why.message); });
}

void DiskCard::show(const Facts& facts) {
    const DataFolderUse& use = facts.use;
    m_total->setText(formatFileSize(use.total));
    m_free->setText(facts.free ? tr("used, %1 free").arg(formatFileSize(*facts.free)) : tr("used"));
    m_models->setText(formatFileSize(use.models));
    m_runs->setText(formatFileSize(use.runs));
    m_datasets->setText(formatFileSize(use.datasets));
    const int64_t whole = use.total + facts.free.value_or(0);
    m_bar->setParts(
        {part(use.models, whole, kModels), part(use.runs, whole, kRuns), part(use.datasets, whole, kDatasets)},
        tr("%1 in the data folder").arg(formatFileSize(use.total)));
}

} // namespace lorikeet::ui
