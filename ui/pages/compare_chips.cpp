// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_chips.h"

#include <QApplication>
#include <QDrag>
#include <QDropEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>

#include "ui/widgets/buttons.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kLongestName = 220; // pixels, so that a chip is never wider than a narrow page

} // namespace

RunChip::RunChip(const QString& id, QWidget* parent)
    : QPushButton(parent), m_id(id), m_sample(new LineSample({})), m_name(makeLabel({})),
      m_reference(makeLabel(tr("reference"), LabelRole::Secondary)),
      m_cross(makeIconButton(QStringLiteral("close"), tr("Remove from the comparison"))) {
    setProperty("kind", QStringLiteral("chip"));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 0, metrics::kInside, 0);
    layout->setSpacing(metrics::kGrid);
    for (QWidget* part :
         {static_cast<QWidget*>(m_sample), static_cast<QWidget*>(m_name), static_cast<QWidget*>(m_reference)}) {
        part->setAttribute(Qt::WA_TransparentForMouseEvents);
        layout->addWidget(part);
    }
    m_cross->setIconSize({12, 12});
    layout->addWidget(m_cross);
    connect(m_cross, &QToolButton::clicked, this, &RunChip::removeWanted);
    connect(this, &QPushButton::clicked, this, &RunChip::showMenu);
}

void RunChip::tell(const RunChipText& text, bool isReference) {
    m_isReference = isReference;
    m_sample->setLine(text.style);
    m_name->setText(m_name->fontMetrics().elidedText(text.title, Qt::ElideMiddle, kLongestName));
    m_reference->setVisible(isReference);
    const QString name = isReference ? tr("%1, reference").arg(text.title) : text.title;
    setAccessibleName(name);
    setToolTip(tr("%1. Drag it to the front to make it the reference.").arg(name));
    updateGeometry();
}

QSize RunChip::sizeHint() const {
    return {layout()->totalSizeHint().width(), std::max(metrics::kControl, fontMetrics().height() + metrics::kGrid)};
}

void RunChip::showMenu() {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* reference = menu->addAction(tr("Make it the reference"), this, &RunChip::referenceWanted);
    reference->setEnabled(!m_isReference);
    menu->addAction(tr("Open the run"), this, &RunChip::openWanted);
    menu->addAction(tr("Remove"), this, &RunChip::removeWanted);
    menu->popup(mapToGlobal(rect().bottomLeft()));
}

void RunChip::mousePressEvent(QMouseEvent* event) {
    m_press = event->pos();
    QPushButton::mousePressEvent(event);
}

void RunChip::mouseMoveEvent(QMouseEvent* event) {
    const bool drags = event->buttons().testFlag(Qt::LeftButton) &&
                       (event->pos() - m_press).manhattanLength() >= QApplication::startDragDistance();
    if (!drags)
        return QPushButton::mouseMoveEvent(event);
    setDown(false);
    auto* drag = new QDrag(this);
    auto* what = new QMimeData;
    what->setData(CompareChips::kMimeType, m_id.toUtf8());
    drag->setMimeData(what);
    drag->setPixmap(grab());
    drag->setHotSpot(m_press);
    drag->exec(Qt::MoveAction);
}

void RunChip::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Delete)
        emit removeWanted();
    else if (event->key() == Qt::Key_Menu)
        showMenu();
    else
        QPushButton::keyPressEvent(event);
}

CompareChips::CompareChips(QWidget* parent)
    : QWidget(parent), m_layout(new FlowLayout(metrics::kGrid, this)),
      m_add(makeButton(tr("Add run"), ButtonKind::Normal, QStringLiteral("plus"))) {
    setAcceptDrops(true);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->addWidget(m_add);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void CompareChips::setRuns(const std::vector<RunChipText>& runs) {
    while (QLayoutItem* item = m_layout->takeAt(0))
        delete item;
    QStringList order;
    QWidget* before = nullptr;
    for (const RunChipText& run : runs) {
        RunChip*& chip = m_chips[run.id];
        if (!chip) {
            chip = new RunChip(run.id, this);
            const QString id = run.id;
            connect(chip, &RunChip::removeWanted, this, [this, id] { emit removeWanted(id); });
            connect(chip, &RunChip::openWanted, this, [this, id] { emit openWanted(id); });
            connect(chip, &RunChip::referenceWanted, this, [this, id] { emit moveWanted(id, 0); });
        }
        chip->tell(run, order.isEmpty());
        order.append(run.id);
        m_layout->addWidget(chip);
        chip->show();
        if (before)
            setTabOrder(before, chip);
        setTabOrder(chip, chip->cross());
        before = chip->cross();
    }
    m_layout->addWidget(m_add);
    if (before)
        setTabOrder(before, m_add);
    for (const QString& id : std::as_const(m_order))
        if (!order.contains(id))
            m_chips.take(id)->deleteLater();
    m_order = order;
    m_layout->invalidate();
    m_layout->activate();
    updateGeometry();
}

void CompareChips::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasFormat(kMimeType))
        event->acceptProposedAction();
}

void CompareChips::dropEvent(QDropEvent* event) {
    const QString run = QString::fromUtf8(event->mimeData()->data(kMimeType));
    if (!m_order.contains(run))
        return;
    event->acceptProposedAction();
    int place = 0;
    for (const QString& id : std::as_const(m_order)) {
        const QRect chip = m_chips[id]->geometry();
        const QPointF position = event->position();
        const bool isBefore =
            position.y() > chip.bottom() || (position.y() >= chip.top() && position.x() > chip.center().x());
        place += isBefore && id != run;
    }
    emit moveWanted(run, place);
}

} // namespace lorikeet::ui
