// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_list_panel.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListView>
#include <QVBoxLayout>

#include "ui/models/dataset_list_model.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/two_line_delegate.h"

namespace lorikeet::ui {
namespace {

constexpr int kWidth = 240;

} // namespace

DatasetListPanel::DatasetListPanel(QWidget* parent)
    : QFrame(parent), m_model(new DatasetListModel(this)), m_list(new QListView) {
    setFixedWidth(scaled(kWidth));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGrid, metrics::kPage, metrics::kGrid, metrics::kGap);
    layout->setSpacing(metrics::kGap);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(metrics::kGrid, 0, metrics::kGrid, 0);
    head->addWidget(makeLabel(tr("Datasets"), LabelRole::Title));
    head->addStretch(1);
    QPushButton* add = makeButton(tr("Add"), ButtonKind::Normal, QStringLiteral("plus"));
    add->setAccessibleName(tr("Add a dataset"));
    add->setToolTip(tr("Add a file of rows: JSONL, JSON or CSV (Ctrl+O). The file stays where it is."));
    head->addWidget(add);
    layout->addLayout(head);
    m_list->setProperty("role", QStringLiteral("plain"));
    m_list->setAccessibleName(tr("Datasets"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new TwoLineDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->installEventFilter(this);
    layout->addWidget(m_list, 1);
    QLabel* hint = makeParagraph(tr("Drop a JSONL, JSON or CSV file here"), LabelRole::Secondary);
    hint->setContentsMargins(metrics::kGrid, 0, metrics::kGrid, 0);
    layout->addWidget(hint);
    connect(add, &QPushButton::clicked, this, &DatasetListPanel::addWanted);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        if (!m_isFilling)
            emit currentChanged();
    });
}

void DatasetListPanel::setDatasets(std::vector<LibraryDataset> datasets) {
    const LibraryDataset* before = current();
    const QString name = !m_wanted.isEmpty() ? m_wanted : before ? QString::fromStdString(before->name) : QString();
    const int place = m_list->currentIndex().row();
    m_isFilling = true;
    m_model->setDatasets(std::move(datasets));
    int row = m_model->rowOf(name);
    if (row >= 0)
        m_wanted.clear();
    else
        row = std::min(std::max(place, 0), m_model->rowCount() - 1);
    m_list->setCurrentIndex(m_model->index(row));
    m_isFilling = false;
    emit currentChanged();
}

void DatasetListPanel::noteFound(const QString& name, RowFormat format, int64_t rows) {
    m_model->noteFound(name, format, rows);
}

void DatasetListPanel::select(const QString& name) {
    const int row = m_model->rowOf(name);
    if (row < 0)
        m_wanted = name;
    else
        m_list->setCurrentIndex(m_model->index(row));
}

const LibraryDataset* DatasetListPanel::current() const {
    return m_model->dataset(m_list->currentIndex().row());
}

bool DatasetListPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Delete) {
        emit removeWanted();
        return true;
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace lorikeet::ui
