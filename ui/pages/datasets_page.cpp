// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/datasets_page.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPointer>
#include <QShortcut>
#include <QVBoxLayout>

#include "core/jobs/model_library.h"
#include "core/train/run_config.h"
#include "ui/pages/dataset_detail.h"
#include "ui/pages/dataset_head.h"
#include "ui/pages/dataset_list_panel.h"
#include "ui/pages/navigator.h"
#include "ui/session/settings.h"
#include "ui/session/studio.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/file_drop.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kSlow = 300; // ms of adding before anything is said about it
const QString kModelKept = QStringLiteral("datasets/model");

} // namespace

DatasetsPage::DatasetsPage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_list(new DatasetListPanel), m_detail(new DatasetDetail(studio.workshop())),
      m_banner(new Banner), m_changes(studio.workshop()) {
    setAccessibleName(tr("Datasets"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_list);
    layout->addWidget(makeHairline(Qt::Vertical));
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_banner);
    right->addWidget(m_detail, 1);
    layout->addLayout(right, 1);
    m_detail->hide();
    connectParts();
}

void DatasetsPage::connectParts() {
    connect(m_list, &DatasetListPanel::currentChanged, this, [this] {
        const LibraryDataset* current = m_list->current();
        m_detail->setVisible(current != nullptr);
        if (current)
            m_detail->setDataset(*current);
    });
    connect(m_list, &DatasetListPanel::addWanted, this, &DatasetsPage::chooseFiles);
    connect(m_list, &DatasetListPanel::removeWanted, this, &DatasetsPage::removeCurrent);
    connect(m_detail, &DatasetDetail::dataEdited, this, &DatasetsPage::keep);
    connect(m_detail, &DatasetDetail::opened, this, &DatasetsPage::note);
    connect(m_detail, &DatasetDetail::relocateWanted, this, &DatasetsPage::relocate);
    connect(m_detail, &DatasetDetail::modelChosen, this,
            [](const QString& model) { Settings().setState(kModelKept, model); });
    connect(m_detail->head(), &DatasetHead::removeWanted, this, &DatasetsPage::removeCurrent);
    connect(m_detail->head(), &DatasetHead::renameWanted, this, &DatasetsPage::rename);
    connect(m_detail->head(), &DatasetHead::newRunWanted, this, &DatasetsPage::useInNewRun);
    connect(new QShortcut(QKeySequence::Open, this), &QShortcut::activated, this, &DatasetsPage::chooseFiles);
    m_slow.setSingleShot(true);
    m_slow.setInterval(kSlow);
    connect(new FileDrop(this), &FileDrop::dropped, this, &DatasetsPage::add);
    connect(&m_changes, &LibraryChanges::failed, this, [this](const Failure& failure) {
        m_slow.stop();
        tell(failure);
    });
    connect(&m_changes, &LibraryChanges::done, this, [this](const QString& selected) {
        if (std::exchange(m_tellsReading, false))
            m_banner->hide();
        m_slow.stop();
        if (!selected.isEmpty())
            m_list->select(selected);
        emit studio().datasetsChanged();
    });
    connect(&studio(), &Studio::datasetsChanged, this, &DatasetsPage::reload);
    connect(&studio(), &Studio::modelsChanged, this, &DatasetsPage::reloadModels);
}

void DatasetsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    if (!m_hasLoaded)
        reloadModels(); // first, so that the first row is shown with a model at once
    else
        reload();
}

void DatasetsPage::reload() {
    m_reload = runInBackground(
        this, [workshop = studio().workshop()](std::stop_token) { return listDatasets(workshop->folder()); },
        [this](std::vector<LibraryDataset> datasets) { m_list->setDatasets(std::move(datasets)); },
        [this](const Failure& failure) { tell(failure); });
}

void DatasetsPage::reloadModels() {
    m_models = runInBackground(
        this,
        [workshop = studio().workshop()](std::stop_token) {
            QStringList names;
            for (const LibraryModel& model : listModels(workshop->folder()))
                if (model.isThere)
                    names.append(QString::fromStdString(model.name));
            return names;
        },
        [this](const QStringList& names) {
            m_detail->setModels(names, Settings().state(kModelKept).toString());
            if (!m_hasLoaded)
                reload();
            m_hasLoaded = true;
        },
        [this](const Failure& failure) { tell(failure); });
}

void DatasetsPage::select(const QString& name) {
    m_list->select(name);
}

void DatasetsPage::tell(const Failure& failure) {
    m_tellsReading = false;
    if (!failure.isCancelled())
        m_banner->tell(LabelTone::Danger, {}, failure.message);
}

void DatasetsPage::add(const QStringList& files) {
    m_banner->hide();
    m_slow.disconnect();
    connect(&m_slow, &QTimer::timeout, this, [this, files] {
        m_tellsReading = true;
        m_banner->tell(LabelTone::Plain, {},
                       files.size() == 1 ? tr("Reading the rows of %1…").arg(QFileInfo(files.first()).fileName())
                                         : tr("Reading the rows of %1 files…").arg(formatCount(files.size())));
    });
    m_slow.start();
    m_changes.add([files](const DataFolder& folder) {
        QString last;
        for (const QString& file : files) {
            DataConfig config;
            config.train = file.toStdString();
            last = QString::fromStdString(addDataset(folder, config).name);
        }
        return last;
    });
}

void DatasetsPage::chooseFiles() {
    auto* dialog = new QFileDialog(this, tr("Add datasets"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters({tr("Rows (*.jsonl *.ndjson *.json *.csv *.tsv)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::filesSelected, this, &DatasetsPage::add);
    dialog->open();
}

void DatasetsPage::relocate() {
    const LibraryDataset* current = m_list->current();
    if (!current)
        return;
    auto* dialog = new QFileDialog(this, tr("Find the file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this, dataset = *current](const QString& file) {
        DataConfig config = dataset.data;
        config.train = file.toStdString();
        m_changes.add([name = dataset.name, config](const DataFolder& folder) {
            updateDataset(folder, name, config);
            return QString();
        });
    });
    dialog->open();
}

void DatasetsPage::removeCurrent() {
    const LibraryDataset* current = m_list->current();
    if (!current || current->isBuiltIn)
        return;
    const QString name = QString::fromStdString(current->name);
    LibraryDataset removed = *current;
    removed.data = m_detail->config();
    m_changes.add([name = removed.name](const DataFolder& folder) {
        removeDataset(folder, name);
        return QString();
    });
    // The entry of a file that is gone cannot be made again.
    if (removed.isThere && removed.problem.empty())
        emit navigator().undoOffered(tr("%1 is removed from the list. Its file stays.").arg(name),
                                     [page = QPointer(this), removed] {
                                         if (page)
                                             page->bringBack(removed);
                                     });
}

void DatasetsPage::bringBack(const LibraryDataset& dataset) {
    m_changes.add([dataset](const DataFolder& folder) {
        return QString::fromStdString(addDataset(folder, dataset.data, dataset.name).name);
    });
}

void DatasetsPage::rename(const QString& to) {
    const LibraryDataset* current = m_list->current();
    if (!current)
        return;
    m_changes.add([from = current->name, to = to.toStdString()](const DataFolder& folder) {
        return QString::fromStdString(renameDataset(folder, from, to).name);
    });
}

void DatasetsPage::note(const QString& name, RowFormat format, int64_t rows) {
    m_list->noteFound(name, format, rows);
    const LibraryDataset* current = m_list->current();
    if (!current || current->isBuiltIn || current->rows == rows || name != QString::fromStdString(current->name))
        return;
    m_changes.add([name = current->name, rows](const DataFolder& folder) {
        noteDatasetRows(folder, name, rows);
        return QString();
    });
}

void DatasetsPage::useInNewRun() {
    RunConfig run;
    run.model = m_detail->model().toStdString();
    run.data = m_detail->config();
    emit navigator().newRunWanted(run);
}

void DatasetsPage::keep(const QString& name, const DataConfig& config) {
    const LibraryDataset* current = m_list->current();
    if (current && current->isBuiltIn)
        return;
    m_changes.add([name = name.toStdString(), config](const DataFolder& folder) {
        updateDataset(folder, name, config);
        return QString();
    });
}

} // namespace lorikeet::ui
