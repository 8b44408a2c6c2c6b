// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_card.h"

#include <QApplication>
#include <QFileDialog>
#include <QFutureWatcher>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QStackedLayout>
#include <QStackedWidget>
#include <QTimer>
#include <QtConcurrentRun>

#include "ui/charts/chart_export.h"
#include "ui/charts/chart_table.h"
#include "ui/charts/chart_view.h"
#include "ui/charts/line_style.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kTableInterval = 1000; // ms between refreshes of a table that is shown
constexpr double kPictureRatio = 2.0;
constexpr int kRowHeight = 28;

/// Covers a page with one card, goes with the page's size, and keeps Tab from what it covers.
class Overlay : public QWidget {
public:
    explicit Overlay(QWidget* page) : QWidget(page) {
        setAutoFillBackground(true);
        auto* layout = new QVBoxLayout(this);
        layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, metrics::kPage);
        page->installEventFilter(this);
        setGeometry(page->rect());
    }

    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Resize)
            setGeometry(parentWidget()->rect());
        return QWidget::eventFilter(watched, event);
    }

protected:
    bool focusNextPrevChild(bool next) override {
        QWidget* const from = QApplication::focusWidget();
        for (QWidget* to = from; to;) {
            to = next ? to->nextInFocusChain() : to->previousInFocusChain();
            if (to == from)
                return false;
            const bool isCovered = parentWidget()->isAncestorOf(to) && !isAncestorOf(to);
            if (!isCovered && (to->focusPolicy() & Qt::TabFocus) && to->isVisible() && to->isEnabled()) {
                to->setFocus(next ? Qt::TabFocusReason : Qt::BacktabFocusReason);
                return true;
            }
        }
        return false;
    }
};

/// The widget that a page is: the one below a stack, or below the window.
QWidget* pageOf(QWidget* widget) {
    QWidget* page = widget->parentWidget();
    while (page && !page->isWindow() && !qobject_cast<QStackedWidget*>(page->parentWidget()))
        page = page->parentWidget();
    return page;
}

} // namespace

ChartCard::ChartCard(const QString& title, ChartView* chart, QWidget* parent)
    : Card(title, parent), m_chart(chart), m_model(new ChartTableModel(this)), m_tableTimer(new QTimer(this)) {
    build();
    connect(chart, &ChartView::refreshed, this, [this] {
        if (m_table->isVisible() && !m_tableTimer->isActive())
            m_tableTimer->start();
    });
}

ChartCard::~ChartCard() = default;

void ChartCard::build() {
    layout()->setContentsMargins(metrics::kGap, 12, metrics::kGap, metrics::kGrid);
    layout()->setSpacing(metrics::kGrid);
    m_tableTimer->setSingleShot(true);
    m_tableTimer->setInterval(kTableInterval);
    connect(m_tableTimer, &QTimer::timeout, this, &ChartCard::refreshTable);

    m_table = new DataTable(tr("%1 as a table").arg(m_chart->accessibleName()));
    m_table->setModel(m_model);
    m_table->verticalHeader()->setDefaultSectionSize(std::max(kRowHeight, fontMetrics().height() + metrics::kGrid));
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_problem = new Banner;
    body()->addWidget(m_problem);
    auto* views = new QWidget;
    m_stack = new QStackedLayout(views);
    m_stack->addWidget(m_chart);
    m_stack->addWidget(m_table);
    m_row = new QHBoxLayout;
    m_row->addWidget(views, 1);
    body()->addLayout(m_row, 1);

    m_expandButton = makeIconButton(QStringLiteral("expand"), tr("Full size"));
    m_expandButton->setCheckable(true);
    connect(m_expandButton, &QToolButton::clicked, this, &ChartCard::setExpanded);
    m_tableButton = makeIconButton(QStringLiteral("table"), tr("Show as a table"));
    m_tableButton->setCheckable(true);
    connect(m_tableButton, &QToolButton::clicked, this, &ChartCard::setShowsTable);
    m_saveButton = makeIconButton(QStringLiteral("download"), tr("Save this chart"));
    auto* menu = new QMenu(m_saveButton);
    menu->addAction(tr("Save as PNG…"), this, [this] { askWhereToSave(QStringLiteral("png")); });
    menu->addAction(tr("Save values as CSV…"), this, [this] { askWhereToSave(QStringLiteral("csv")); });
    m_saveButton->setMenu(menu);
    m_saveButton->setPopupMode(QToolButton::InstantPopup);
    for (QToolButton* button : {m_expandButton, m_tableButton, m_saveButton})
        head()->addWidget(button);
}

void ChartCard::setNote(const QString& text) {
    if (!m_note) {
        m_note = makeLabel({}, LabelRole::Secondary);
        head()->insertWidget(1, m_note);
    }
    m_note->setText(text);
}

void ChartCard::setLegend(ChartLegend* legend) {
    head()->insertWidget(m_note ? 2 : 1, legend);
}

void ChartCard::setSide(QWidget* side) {
    m_row->addWidget(side);
}

void ChartCard::addControl(QWidget* control) {
    head()->insertWidget(head()->indexOf(m_expandButton), control);
}

void ChartCard::setButtonsVisible(bool visible) {
    for (QToolButton* button : {m_expandButton, m_tableButton, m_saveButton})
        button->setVisible(visible);
}

bool ChartCard::showsTable() const {
    return m_stack->currentIndex() == 1;
}

void ChartCard::setShowsTable(bool shows) {
    m_tableButton->setChecked(shows);
    if (shows)
        refreshTable();
    m_stack->setCurrentIndex(shows ? 1 : 0);
}

void ChartCard::refreshTable() {
    m_model->setTable(m_chart->table());
}

void ChartCard::setExpanded(bool expanded) {
    QWidget* page = pageOf(this);
    const bool canExpand = page && parentWidget()->layout();
    m_expandButton->setChecked(isExpanded() ? expanded : expanded && canExpand);
    if (m_expandButton->isChecked() == isExpanded())
        return;
    if (!expanded) {
        if (m_placeholder)
            m_placeholder->parentWidget()->layout()->replaceWidget(m_placeholder, this);
        m_overlay->hide();
        m_overlay->deleteLater();
        m_overlay.clear();
        delete m_placeholder;
        show();
        m_expandButton->setFocus();
        return;
    }
    m_placeholder = new QWidget(parentWidget());
    m_placeholder->setFixedHeight(height());
    delete parentWidget()->layout()->replaceWidget(this, m_placeholder);
    m_overlay = new Overlay(page);
    m_overlay->layout()->addWidget(this);
    m_overlay->show();
    m_overlay->raise();
    m_expandButton->setFocus();
}

void ChartCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    if (showsTable()) // which is not kept up to date while nobody sees it
        refreshTable();
}

void ChartCard::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && isExpanded())
        setExpanded(false);
    else
        Card::keyPressEvent(event);
}

void ChartCard::askWhereToSave(const QString& suffix) {
    const QString name = QStringLiteral("%1.%2").arg(m_chart->accessibleName(), suffix);
    const QString filter = suffix == QLatin1String("png") ? tr("Picture (*.png)") : tr("Values (*.csv)");
    // One that waits in a loop of its own could outlive the card, whose page goes when another run is opened.
    auto* dialog = new QFileDialog(this, tr("Save chart"), {}, filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(name);
    connect(dialog, &QFileDialog::fileSelected, this, [this, suffix](const QString& path) {
        if (suffix == QLatin1String("png"))
            savePng(path);
        else
            saveCsv(path);
    });
    dialog->open();
}

void ChartCard::saveCsv(const QString& path) {
    write(path, [path, table = m_chart->table()] { return writeWhole(path, csvBytes(table)); });
}

void ChartCard::savePng(const QString& path) {
    const QSize size = m_chart->size().expandedTo({480, 240});
    write(path, [path, image = m_chart->picture(size, kPictureRatio).toImage()] { return writePng(path, image); });
}

void ChartCard::write(const QString& path, std::function<QString()> work) {
    // A watcher, unlike a continuation, may go at any moment.
    auto* watcher = new QFutureWatcher<QString>(this);
    connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, path] {
        watcher->deleteLater();
        tellSaved(path, watcher->result());
    });
    watcher->setFuture(QtConcurrent::run(std::move(work)));
}

void ChartCard::tellSaved(const QString& path, const QString& problem) {
    if (problem.isEmpty()) {
        m_problem->hide();
        emit saved(path);
    } else {
        m_problem->tell(LabelTone::Danger, tr("Not saved."), problem);
    }
}

} // namespace lorikeet::ui
