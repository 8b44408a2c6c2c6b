// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_detail.h"

#include <QBoxLayout>
#include <QDesktopServices>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QSortFilterProxyModel>
#include <QUrl>

#include "core/jobs/workshop.h"
#include "ui/models/tensor_table_model.h"
#include "ui/pages/model_errors_card.h"
#include "ui/pages/model_facts_card.h"
#include "ui/pages/model_perplexity_card.h"
#include "ui/pages/model_weights_card.h"
#include "ui/theme/icons.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kRightColumn = 480;
constexpr int kTwoColumns = 960; // of width
constexpr int kTableHeight = 260;

} // namespace

ModelDetail::ModelDetail(const std::shared_ptr<Workshop>& workshop, QWidget* parent)
    : QWidget(parent), m_desk(workshop->options().threads), m_perplexityDesk(workshop),
      m_name(new ElidedLabel({}, Qt::ElideMiddle)), m_path(new ElidedLabel({}, Qt::ElideMiddle)), m_banner(new Banner),
      m_facts(new ModelFactsCard), m_tensors(new TensorTableModel(this)), m_filter(new QSortFilterProxyModel(this)),
      m_table(new DataTable(tr("Tensors"))), m_weights(new ModelWeightsCard), m_errors(new ModelErrorsCard),
      m_perplexity(new ModelPerplexityCard) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGap);
    layout->addWidget(makeHead());
    m_banner->setClosable(false);
    layout->addWidget(m_banner);
    m_content = makeContent();
    layout->addWidget(m_content, 1);
    connectDesk();
}

QWidget* ModelDetail::makeHead() {
    auto* head = new QWidget;
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
    m_name->setProperty("role", QStringLiteral("heading"));
    layout->addWidget(m_name);
    m_path->setProperty("role", QStringLiteral("secondary"));
    m_path->setProperty("face", QStringLiteral("mono"));
    layout->addWidget(m_path);
    layout->addStretch(1);
    QToolButton* more = makeIconButton(QStringLiteral("more"), tr("More: folder, remove"));
    more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(more);
    m_openFolder =
        menu->addAction(icon(QStringLiteral("folder"), ColorToken::Secondary), tr("Open its folder"), this, [this] {
            const std::filesystem::path& path = m_entry.model.path;
            const bool isFile = path.extension() == ".gguf";
            const std::string folder = (isFile ? path.parent_path() : path).string();
            QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(folder)));
        });
    menu->addAction(icon(QStringLiteral("trash"), ColorToken::Secondary), tr("Remove"), this,
                    &ModelDetail::removeWanted);
    more->setMenu(menu);
    layout->addWidget(more);
    m_chat = makeButton(tr("Chat"), ButtonKind::Normal, QStringLiteral("chat"));
    layout->addWidget(m_chat);
    m_use = makeButton(tr("Use in a new run"), ButtonKind::Primary, QStringLiteral("new-run"));
    layout->addWidget(m_use);
    connect(m_chat, &QPushButton::clicked, this, &ModelDetail::chatWanted);
    connect(m_use, &QPushButton::clicked, this, &ModelDetail::newRunWanted);
    return head;
}

QWidget* ModelDetail::makeContent() {
    auto* content = new QWidget;
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight, content);
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setSpacing(metrics::kGap);
    auto* left = new QVBoxLayout;
    left->setSpacing(metrics::kGap);
    left->addWidget(m_facts);
    left->addWidget(makeTensorsCard(), 1);
    m_columns->addLayout(left, 1);
    m_right = new QWidget;
    auto* right = new QVBoxLayout(m_right);
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(metrics::kGap);
    right->addWidget(m_weights);
    right->addWidget(m_errors);
    right->addWidget(m_perplexity);
    right->addStretch(1);
    m_columns->addWidget(m_right);
    return content;
}

Card* ModelDetail::makeTensorsCard() {
    auto* card = new Card(tr("Tensors"));
    auto* filter = new QLineEdit;
    filter->setPlaceholderText(tr("Filter"));
    filter->setAccessibleName(tr("Filter tensors by name, type or shape"));
    filter->setToolTip(tr("Shows tensors whose name, type or shape holds these characters"));
    filter->setClearButtonEnabled(true);
    card->head()->addWidget(filter);
    card->setFlushBody();
    m_filter->setSourceModel(m_tensors);
    m_filter->setFilterKeyColumn(-1);
    m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filter->setSortRole(TensorTableModel::SortRole);
    m_table->setModel(m_filter);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder); // as they stand in the file
    m_table->verticalHeader()->setDefaultSectionSize(
        std::max(3 * metrics::kGrid + metrics::kInside, fontMetrics().height() + metrics::kGrid));
    m_table->setStretchColumn(TensorTableModel::Name);
    m_table->setMinimumHeight(kTableHeight);
    card->body()->addWidget(m_table);
    connect(filter, &QLineEdit::textChanged, m_filter, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ModelDetail::chooseTensor);
    return card;
}

void ModelDetail::connectDesk() {
    connect(&m_desk, &ModelDesk::histogramMade, m_weights, &ModelWeightsCard::setHistogram);
    connect(&m_desk, &ModelDesk::histogramFailed, m_weights, &ModelWeightsCard::setProblem);
    connect(&m_desk, &ModelDesk::studyProgressed, m_errors, &ModelErrorsCard::setProgress);
    connect(&m_desk, &ModelDesk::studied, m_errors, &ModelErrorsCard::setStudy);
    connect(&m_desk, &ModelDesk::notStudied, m_errors, &ModelErrorsCard::setNotStudied);
    connect(m_errors, &ModelErrorsCard::wanted, this, &ModelDetail::study);
    connect(m_errors, &ModelErrorsCard::cancelWanted, &m_desk, &ModelDesk::cancelStudy);
    connect(&m_perplexityDesk, &PerplexityDesk::progressed, m_perplexity, &ModelPerplexityCard::setProgress);
    connect(&m_perplexityDesk, &PerplexityDesk::studied, m_perplexity, &ModelPerplexityCard::setStudy);
    connect(&m_perplexityDesk, &PerplexityDesk::notStudied, m_perplexity, &ModelPerplexityCard::setNotStudied);
    connect(m_perplexity, &ModelPerplexityCard::cancelWanted, &m_perplexityDesk, &PerplexityDesk::cancel);
    connect(m_perplexity, &ModelPerplexityCard::wanted, this,
            [this] { m_perplexityDesk.study(modelPath(), m_perplexity->textFile()); });
    connect(m_weights, &ModelWeightsCard::blocksizeChosen, this, [this] {
        if (!tensor().isEmpty())
            m_desk.lookAt(modelPath(), tensor(), m_weights->blocksize());
    });
}

void ModelDetail::clear() {
    m_desk.stop();
    m_perplexityDesk.stop();
    m_entry = {};
}

void ModelDetail::setEntry(const ModelEntry& entry) {
    const LibraryModel &model = entry.model, &shown = m_entry.model;
    const bool isShown = model.name == shown.name && model.path == shown.path && model.isThere == shown.isThere &&
                         model.bytes == shown.bytes && model.problem == shown.problem &&
                         entry.problem == m_entry.problem && entry.facts.has_value() == m_entry.facts.has_value();
    m_entry = entry;
    if (isShown)
        return;
    m_desk.stop();
    m_perplexityDesk.stop();
    m_name->setFullText(QString::fromStdString(entry.model.name));
    m_path->setFullText(modelPath());
    m_openFolder->setEnabled(!entry.model.path.empty());
    showState();
    if (!m_content->isHidden())
        showModel(*entry.facts);
}

QString ModelDetail::modelPath() const {
    return QString::fromStdString(m_entry.model.path.string());
}

void ModelDetail::showState() {
    const LibraryModel& model = m_entry.model;
    const bool isGood = m_entry.facts.has_value() && model.isThere;
    m_content->setVisible(isGood);
    m_use->setEnabled(isGood);
    m_use->setToolTip(isGood ? tr("Go to New run with this model") : tr("Its files cannot be read."));
    m_chat->setEnabled(isGood && m_entry.facts->hasTokenizer);
    m_chat->setToolTip(m_chat->isEnabled() ? tr("Talk with this model, as it is without any training")
                       : isGood            ? tr("It has no tokenizer, so it cannot be talked with.")
                                           : tr("Its files cannot be read."));
    m_banner->hide();
    if (!model.problem.empty())
        m_banner->tell(LabelTone::Danger, tr("This model cannot be read."), QString::fromStdString(model.problem));
    else if (!model.isThere)
        m_banner->tell(
            LabelTone::Warning, tr("Its files are gone."),
            tr("Nothing is at %1 any more. Bring them back, or remove the model and add it anew.").arg(modelPath()));
    else if (!m_entry.problem.isEmpty())
        m_banner->tell(LabelTone::Danger, tr("This model cannot be read."), m_entry.problem);
}

void ModelDetail::showModel(const ModelInspection& facts) {
    m_facts->setFacts(facts);
    // What was computed of another model.
    m_perplexity->reset(facts.hasTokenizer ? QString() : tr("It has no tokenizer, so no text can be scored."));
    m_weights->setTensor({});
    m_errors->reset();
    m_tensors->setTensors(facts.tensors);
    m_table->resizeColumnsToContents();
    QModelIndex first = m_filter->mapFromSource(m_tensors->index(m_tensors->firstMatrix(), 0));
    if (!first.isValid()) // the filter leaves it out
        first = m_filter->index(0, 0);
    m_table->setCurrentIndex(first);
    m_table->scrollTo(first);
    if (m_errors->isOfAllLayers())
        study();
}

QString ModelDetail::tensor() const {
    const QModelIndex index = m_filter->mapToSource(m_table->currentIndex());
    return index.isValid() ? QString::fromStdString(m_tensors->tensor(index.row()).name) : QString();
}

void ModelDetail::chooseTensor() {
    if (tensor().isEmpty())
        return;
    m_weights->setTensor(tensor());
    m_desk.lookAt(modelPath(), tensor(), m_weights->blocksize());
    if (!m_errors->isOfAllLayers())
        study();
}

void ModelDetail::study() {
    m_errors->reset();
    m_desk.studyErrors(modelPath(), m_errors->isOfAllLayers() ? QString() : tensor());
}

void ModelDetail::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const bool isWide = width() >= scaled(kTwoColumns);
    m_columns->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_right->setMinimumWidth(isWide ? scaled(kRightColumn) : 0);
    m_right->setMaximumWidth(isWide ? scaled(kRightColumn) : QWIDGETSIZE_MAX);
}

} // namespace lorikeet::ui
