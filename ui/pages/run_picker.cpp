// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_picker.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include "ui/models/run_table_model.h"
#include "ui/session/run_feed.h"
#include "ui/theme/tokens.h"

namespace lorikeet::ui {
namespace {

constexpr QSize kSize = {320, 320};

/// Runs that are not compared yet, and whose name, model or dataset holds what is searched for.
class OtherRuns : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setHidden(const QStringList& runs) {
        m_hidden = QSet<QString>(runs.begin(), runs.end());
        invalidateFilter();
    }
    void setText(const QString& text) {
        m_text = text.trimmed();
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
        const auto cell = [&](int column) { return sourceModel()->index(row, column, parent); };
        if (m_hidden.contains(cell(0).data(RunTableModel::IdRole).toString()))
            return false;
        for (const int column : {RunTableModel::Name, RunTableModel::Model, RunTableModel::Dataset})
            if (cell(column).data().toString().contains(m_text, Qt::CaseInsensitive))
                return true;
        return false;
    }

private:
    QSet<QString> m_hidden;
    QString m_text;
};

} // namespace

RunPicker::RunPicker(RunFeed& feed, QWidget* parent)
    : QFrame(parent, Qt::Popup), m_runs(new RunTableModel(feed, this)), m_filter(new OtherRuns(this)),
      m_search(new QLineEdit), m_list(new QListView) {
    setProperty("role", QStringLiteral("card"));
    setAccessibleName(tr("Runs to compare with"));
    setFixedSize(kSize);
    m_filter->setSourceModel(m_runs);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGrid, metrics::kGrid, metrics::kGrid, metrics::kGrid);
    layout->setSpacing(metrics::kInside);
    m_search->setPlaceholderText(tr("Search runs"));
    m_search->setAccessibleName(tr("Search runs"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_list->setModel(m_filter);
    m_list->setModelColumn(RunTableModel::Name);
    m_list->setAccessibleName(tr("Runs"));
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        static_cast<OtherRuns*>(m_filter)->setText(text);
        m_list->setCurrentIndex(m_filter->index(0, RunTableModel::Name));
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] { pick(m_list->currentIndex()); });
    connect(m_list, &QListView::clicked, this, &RunPicker::pick);
    connect(m_list, &QListView::activated, this, &RunPicker::pick);
}

void RunPicker::popUp(QWidget* anchor, const QStringList& hidden) {
    static_cast<OtherRuns*>(m_filter)->setHidden(hidden);
    m_search->clear();
    m_list->setCurrentIndex(m_filter->index(0, RunTableModel::Name));
    move(anchor->mapToGlobal(QPoint(0, anchor->height() + metrics::kInside)));
    show();
    m_search->setFocus();
}

void RunPicker::pick(const QModelIndex& index) {
    if (!isVisible() || !index.isValid())
        return; // a click is both a click and an activation with some styles
    const QString run = index.siblingAtColumn(0).data(RunTableModel::IdRole).toString();
    hide();
    emit picked(run);
}

bool RunPicker::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const int row = m_list->currentIndex().row() + (key == Qt::Key_Down ? 1 : -1);
            if (row >= 0 && row < m_filter->rowCount())
                m_list->setCurrentIndex(m_filter->index(row, RunTableModel::Name));
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace lorikeet::ui
