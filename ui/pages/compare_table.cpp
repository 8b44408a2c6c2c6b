// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include "ui/charts/plot_frame.h"
#include "ui/pages/compare_model.h"
#include "ui/theme/scale.h"
#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kLabels = 180;    // holds "Gradient checkpointing"
constexpr int kNarrowest = 200; // column
constexpr int kRow = 28;
constexpr int kHead = 36;
constexpr int kPadding = 12;
constexpr double kDot = 3.0; // radius

QColor tone(ColorToken token) {
    return Theme::current().color(token);
}

QFont fontOf(QFont font, QFont::Weight weight) {
    font.setWeight(weight);
    return font;
}

void paintLines(QPainter& painter, const QRect& area) {
    painter.setPen(tone(ColorToken::Border));
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    painter.drawLine(area.topLeft(), area.bottomLeft());
}

/// Heads of columns with their line, and labels of rows.
class CompareHeader : public QHeaderView {
public:
    using QHeaderView::QHeaderView;

protected:
    void paintSection(QPainter* painter, const QRect& area, int section) const override {
        painter->save();
        const bool isColumn = orientation() == Qt::Horizontal;
        const bool parts = model()->headerData(section, orientation(), SectionRole).toBool();
        painter->fillRect(area, tone(parts ? ColorToken::Window : ColorToken::Surface));
        painter->setPen(tone(ColorToken::Border));
        painter->drawLine(area.bottomLeft(), area.bottomRight());
        if (isColumn)
            painter->drawLine(area.topLeft(), area.bottomLeft());
        QRect inside = area.adjusted(isColumn ? kPadding : metrics::kGap, 0, -metrics::kGrid, 0);
        painter->setFont(isColumn || parts ? fontOf(font(), QFont::Medium) : font());
        if (isColumn) {
            const auto style = model()->headerData(section, orientation(), StyleRole).value<LineStyle>();
            paintLineSample(*painter, QRectF(inside.left(), inside.top(), 24.0, inside.height()), style);
            inside.setLeft(inside.left() + 24 + metrics::kGrid);
        }
        painter->setPen(tone(isColumn ? ColorToken::Text : ColorToken::Secondary));
        const QString text = model()->headerData(section, orientation()).toString();
        if (text.contains(QLatin1Char('\n')))
            painter->drawText(inside.adjusted(0, kPadding, 0, 0), Qt::AlignLeft | Qt::AlignTop, text);
        else
            painter->drawText(inside, Qt::AlignLeft | Qt::AlignVCenter,
                              painter->fontMetrics().elidedText(text, Qt::ElideMiddle, inside.width()));
        painter->restore();
    }
};

class CompareDelegate : public QStyledItemDelegate {
public:
    explicit CompareDelegate(CompareTable* table) : QStyledItemDelegate(table), m_table(table) {}

    bool wraps = false;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const bool differs = index.data(DiffersRole).toBool(), parts = index.data(SectionRole).toBool();
        const bool isCurrent = m_table->hasFocus() && index == m_table->currentIndex();
        painter->fillRect(option.rect, tone(parts       ? ColorToken::Window
                                            : isCurrent ? ColorToken::Selected
                                            : differs   ? ColorToken::AccentTint
                                                        : ColorToken::Surface));
        if (parts) {
            painter->setPen(tone(ColorToken::Border));
            painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
            painter->restore();
            return;
        }
        paintLines(*painter, option.rect);
        if (wraps)
            paintWrapped(*painter, option.rect, index);
        else
            paintLine(*painter, option.rect, index, differs);
        if (isCurrent)
            paintFocusRing(*painter, option.rect);
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        if (!wraps)
            return {kNarrowest, std::max(kRow, m_table->fontMetrics().height() + metrics::kGrid)};
        const QFontMetrics text(m_table->font()), small(Theme::current().font(TextRole::Secondary));
        const int width = m_table->columnWidth(index.column()) - 2 * kPadding;
        const QRect needed = text.boundingRect(0, 0, width, 1 << 20, kWrapped, index.data().toString());
        return {kNarrowest,
                std::max(needed.height(), text.height() * 2) + small.height() + metrics::kInside + 2 * kPadding};
    }

private:
    static constexpr int kWrapped = Qt::TextWrapAnywhere | Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;

    void paintLine(QPainter& painter, const QRect& area, const QModelIndex& index, bool differs) const {
        QRect inside = area.adjusted(kPadding, 0, -kPadding, 0);
        painter.setFont(fontOf(m_table->font(), differs ? QFont::DemiBold : QFont::Normal));
        if (differs) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(tone(ColorToken::Accent));
            painter.drawEllipse(QPointF(inside.right() - kDot, inside.center().y()), kDot, kDot);
            inside.setRight(inside.right() - metrics::kGap);
        }
        const QString note = index.data(NoteRole).toString();
        const QFont small = Theme::current().font(TextRole::Secondary);
        const int noteWidth = note.isEmpty() ? 0 : QFontMetrics(small).horizontalAdvance(note) + metrics::kGrid;
        const QString text =
            painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, inside.width() - noteWidth);
        painter.setPen(tone(ColorToken::Text));
        painter.drawText(inside, Qt::AlignLeft | Qt::AlignVCenter, text);
        inside.setLeft(inside.left() + painter.fontMetrics().horizontalAdvance(text) + metrics::kGrid);
        painter.setFont(small);
        painter.setPen(tone(ColorToken::Secondary));
        painter.drawText(inside, Qt::AlignLeft | Qt::AlignVCenter, note);
    }

    void paintWrapped(QPainter& painter, const QRect& area, const QModelIndex& index) const {
        const QRect inside = area.adjusted(kPadding, kPadding, -kPadding, -kPadding);
        painter.setFont(m_table->font());
        painter.setPen(tone(index.data(ProblemRole).toBool() ? ColorToken::Danger : ColorToken::Text));
        QRect used;
        painter.drawText(inside, kWrapped, index.data().toString(), &used);
        painter.setFont(Theme::current().font(TextRole::Secondary));
        painter.setPen(tone(ColorToken::Secondary));
        const int top = index.data().toString().isEmpty() ? inside.top() : used.bottom() + metrics::kInside;
        painter.drawText(inside.adjusted(0, top - inside.top(), 0, 0), Qt::AlignLeft | Qt::AlignTop,
                         index.data(FooterRole).toString());
    }

    CompareTable* m_table;
};

} // namespace

CompareTable::CompareTable(const QString& name, const QString& corner, QWidget* parent)
    : QTableView(parent), m_corner(makeLabel(corner, LabelRole::BodySecondary, this)),
      m_cornerLine(makeHairline(Qt::Horizontal, this)) {
    setAccessibleName(name);
    setProperty("role", QStringLiteral("plain")); // its lines reach the card's edge; the current cell has the ring
    setHorizontalHeader(new CompareHeader(Qt::Horizontal, this));
    setVerticalHeader(new CompareHeader(Qt::Vertical, this));
    horizontalHeader()->setVisible(!corner.isEmpty());
    horizontalHeader()->setFixedHeight(std::max(kHead, fontMetrics().height() + metrics::kGap));
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setMinimumSectionSize(kNarrowest);
    verticalHeader()->setFixedWidth(scaled(kLabels));
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(std::max(kRow, fontMetrics().height() + metrics::kGrid));
    verticalHeader()->setMinimumSectionSize(kRow);
    setCornerButtonEnabled(false);
    setItemDelegate(new CompareDelegate(this));
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setTabKeyNavigation(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_corner->setVisible(!corner.isEmpty());
    m_cornerLine->setVisible(!corner.isEmpty());
}

void CompareTable::setModel(QAbstractItemModel* model) {
    QTableView::setModel(model);
    connect(model, &QAbstractItemModel::modelReset, this, &CompareTable::fit);
    connect(model, &QAbstractItemModel::dataChanged, this, &CompareTable::fit);
    fit();
}

void CompareTable::setWrapsText() {
    m_wraps = true;
    static_cast<CompareDelegate*>(itemDelegate())->wraps = true;
    fit();
}

int CompareTable::contentHeight() const {
    return (horizontalHeader()->isHidden() ? 0 : horizontalHeader()->height()) + verticalHeader()->length();
}

void CompareTable::fit() {
    if (!model() || model()->columnCount() == 0)
        return;
    const int count = model()->columnCount();
    const int room = width() - scaled(kLabels);
    for (int column = 0; column < count; ++column) {
        // What does not divide goes to the last one.
        const int share = column + 1 < count ? room / count : room - room / count * (count - 1);
        setColumnWidth(column, std::max(scaled(kNarrowest), share));
    }
    if (m_wraps)
        resizeRowsToContents();
    const bool scrolls = room < scaled(kNarrowest) * count && horizontalScrollBarPolicy() != Qt::ScrollBarAlwaysOff;
    setFixedHeight(contentHeight() + (scrolls ? horizontalScrollBar()->sizeHint().height() : 0));
    m_corner->setGeometry(metrics::kGap, 0, scaled(kLabels) - metrics::kGap, horizontalHeader()->height() - 1);
    m_cornerLine->setGeometry(0, horizontalHeader()->height() - 1, scaled(kLabels), 1);
}

void CompareTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        fit();
}

void CompareTable::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fit();
}

void CompareTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy) && currentIndex().isValid())
        QApplication::clipboard()->setText(currentIndex().data().toString());
    else
        QTableView::keyPressEvent(event);
}

} // namespace lorikeet::ui
