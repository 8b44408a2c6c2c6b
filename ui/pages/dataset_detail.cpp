// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_detail.h"

#include <QBoxLayout>
#include <QResizeEvent>
#include <QScrollArea>

#include "ui/pages/dataset_columns_card.h"
#include "ui/pages/dataset_counts_card.h"
#include "ui/pages/dataset_head.h"
#include "ui/pages/dataset_lengths_card.h"
#include "ui/pages/dataset_measure_card.h"
#include "ui/pages/dataset_preview_card.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"

namespace lorikeet::ui {
namespace {

constexpr int kRightColumn = 360;
constexpr int kTwoColumns = 860;    // of width; less leaves the preview too little
constexpr int kPreviewHeight = 480; // where the page scrolls

} // namespace

DatasetDetail::DatasetDetail(std::shared_ptr<Workshop> workshop, QWidget* parent)
    : QWidget(parent), m_desk(std::move(workshop)), m_head(new DatasetHead), m_banner(new Banner),
      m_columns(new DatasetColumnsCard), m_preview(new DatasetPreviewCard), m_measure(new DatasetMeasureCard),
      m_lengths(new DatasetLengthsCard), m_counts(new DatasetCountsCard) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, 0);
    layout->setSpacing(metrics::kGap);
    layout->addWidget(m_head);
    m_banner->setClosable(false);
    layout->addWidget(m_banner);
    m_cards = makeCards();
    layout->addWidget(m_cards, 1);
    layout->addStretch();
    connectDesk();
    connectCards();
}

QWidget* DatasetDetail::makeCards() {
    auto* content = new QWidget;
    content->setProperty("role", QStringLiteral("content"));
    m_columnsLayout = new QBoxLayout(QBoxLayout::LeftToRight, content);
    m_columnsLayout->setContentsMargins(0, 0, 0, metrics::kGrid);
    m_columnsLayout->setSpacing(metrics::kGap);
    auto* left = new QVBoxLayout;
    left->setSpacing(metrics::kGap);
    left->addWidget(m_columns);
    left->addWidget(m_preview, 1);
    m_columnsLayout->addLayout(left, 1);
    m_right = new QWidget;
    auto* right = new QVBoxLayout(m_right);
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(metrics::kGap);
    right->addWidget(m_measure);
    right->addWidget(m_lengths);
    right->addWidget(m_counts);
    right->addStretch(1);
    m_columnsLayout->addWidget(m_right);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
}

void DatasetDetail::connectDesk() {
    connect(&m_desk, &DatasetDesk::factsChanged, this, &DatasetDetail::onFacts);
    connect(&m_desk, &DatasetDesk::failed, this, [this](const Failure& failure) {
        m_head->setUsable(false, tr("Its file cannot be read."));
        onFailed(failure);
    });
    connect(&m_desk, &DatasetDesk::modelFailed, this, &DatasetDetail::onFailed);
    connect(&m_desk, &DatasetDesk::rowShown, this, [this](const DatasetRow& row) {
        m_preview->showRow(row, m_dataset.data.trainOn, m_dataset.data.maxLength);
        if (model().isEmpty())
            m_preview->showProblem(tr("Add a model on the page Models to see the row as the model reads it."));
    });
    connect(&m_desk, &DatasetDesk::countProgressed, m_counts, &DatasetCountsCard::setProgress);
    connect(&m_desk, &DatasetDesk::counted, this, [this](const DatasetNumbers& numbers) {
        m_counts->setNumbers(numbers);
        m_lengths->setNumbers(numbers);
        m_preview->rows()->setNumbers(numbers);
    });
    connect(&m_desk, &DatasetDesk::notCounted, this, [this](const QString& why) {
        m_counts->setUncounted(why);
        m_lengths->setNumbers({});
        m_preview->rows()->setNumbers(std::nullopt);
    });
}

void DatasetDetail::connectCards() {
    connect(m_preview->rows(), &DatasetRowChooser::rowWanted, &m_desk, &DatasetDesk::showRow);
    connect(m_counts, &DatasetCountsCard::countWanted, &m_desk, &DatasetDesk::count);
    connect(m_counts, &DatasetCountsCard::cancelWanted, &m_desk, &DatasetDesk::cancelCount);
    connect(m_counts, &DatasetCountsCard::truncatedRowsWanted, this,
            [this] { m_preview->rows()->goThrough(RowChoice::Truncated); });
    connect(m_columns, &DatasetColumnsCard::mappingChosen, this,
            [this](RowFormat format, const std::map<std::string, std::string>& columns) {
                DataConfig config = m_dataset.data;
                config.format = format;
                config.columns = columns;
                edit(config);
            });
    connect(m_lengths, &DatasetLengthsCard::cutOffChosen, this, [this](int maxLength) {
        m_measure->setLength(maxLength);
        edit(m_measure->applied(m_dataset.data));
    });
    connect(m_measure, &DatasetMeasureCard::edited, this, [this] { edit(m_measure->applied(m_dataset.data)); });
    connect(m_measure, &DatasetMeasureCard::modelChosen, &m_desk, &DatasetDesk::setModel);
    connect(m_measure, &DatasetMeasureCard::modelChosen, this, &DatasetDetail::modelChosen);
}

QString DatasetDetail::model() const {
    return m_measure->model();
}

void DatasetDetail::setModels(const QStringList& names, const QString& preferred) {
    const bool hasChosen = !model().isEmpty();
    m_measure->setModels(names);
    if (!hasChosen)
        m_measure->chooseModel(preferred);
    m_desk.setModel(model());
}

void DatasetDetail::setDataset(const LibraryDataset& dataset) {
    // Another name is no other dataset.
    const bool isSame = (dataset.name == m_dataset.name || dataset.data == m_dataset.data) &&
                        dataset.isBuiltIn == m_dataset.isBuiltIn && dataset.data.train == m_dataset.data.train;
    const bool isOpen = isSame && dataset.isThere == m_dataset.isThere && dataset.bytes == m_dataset.bytes;
    // What is shown of a dataset is newer than what the library has kept.
    const DataConfig config = isSame ? m_dataset.data : dataset.data;
    m_dataset = dataset;
    m_dataset.data = config;
    m_head->setDataset(m_dataset);
    if (isOpen)
        return;
    m_preview->reset();
    m_counts->reset();
    m_columns->clear();
    m_columns->setEditable(!m_dataset.isBuiltIn);
    m_measure->setData(m_dataset.data);
    m_lengths->setNumbers({});
    m_lengths->setCutOff(m_dataset.data.maxLength);
    showState();
    if (m_dataset.isThere && m_dataset.problem.empty())
        m_desk.open(m_dataset.data, model());
    else
        m_desk.close();
}

void DatasetDetail::showState() {
    const bool isGood = m_dataset.isThere && m_dataset.problem.empty();
    m_cards->setVisible(isGood);
    m_head->setUsable(isGood, tr("There is no file to train on."));
    if (isGood) {
        m_banner->hide();
        return;
    }
    if (!m_dataset.problem.empty()) {
        m_banner->tell(LabelTone::Danger, tr("This dataset cannot be read."),
                       QString::fromStdString(m_dataset.problem));
        return;
    }
    m_banner->tell(LabelTone::Warning, tr("Its file is gone."),
                   tr("Nothing is at %1 any more. Bring the file back, or say where it is now.")
                       .arg(QString::fromStdString(m_dataset.data.train)));
    connect(m_banner->addAction(tr("Find the file…")), &QPushButton::clicked, this, &DatasetDetail::relocateWanted);
}

void DatasetDetail::onFacts(const DatasetFacts& facts) {
    m_columns->setFacts(facts, m_dataset.data.format);
    m_columns->setEditable(!m_dataset.isBuiltIn);
    m_preview->rows()->setRowCount(facts.rows);
    m_measure->setUsesChatTemplate(facts.usesChatTemplate);
    m_head->setUsable(facts.problem.isEmpty(), tr("Say which column plays which role first."));
    if (facts.problem.isEmpty()) {
        m_banner->hide();
    } else {
        m_banner->tell(LabelTone::Warning, tr("The columns do not fit."), facts.problem);
    }
    emit opened(QString::fromStdString(m_dataset.name), facts.format, facts.rows);
}

void DatasetDetail::onFailed(const Failure& failure) {
    m_banner->tell(LabelTone::Danger, {}, failure.message);
    m_counts->setUncounted({});
}

void DatasetDetail::edit(const DataConfig& config) {
    if (config == m_dataset.data)
        return;
    m_dataset.data = config;
    m_lengths->setCutOff(config.maxLength);
    m_desk.edit(config);
    emit dataEdited(QString::fromStdString(m_dataset.name), config);
}

void DatasetDetail::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const bool isWide = width() >= scaled(kTwoColumns);
    m_columnsLayout->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_right->setMinimumWidth(isWide ? scaled(kRightColumn) : 0);
    m_right->setMaximumWidth(isWide ? scaled(kRightColumn) : QWIDGETSIZE_MAX);
    m_preview->setMinimumHeight(isWide ? kPreviewHeight * 2 / 3 : kPreviewHeight);
}

} // namespace lorikeet::ui
