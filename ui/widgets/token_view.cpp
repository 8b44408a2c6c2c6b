// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/token_view.h"

#include <QAbstractTextDocumentLayout>
#include <QHelpEvent>
#include <QMimeData>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>
#include <QToolTip>

#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr QChar kBreakMark(0x21B5);
constexpr QChar kWordJoiner(0x2060); // keeps a line from breaking, and is not seen
constexpr int kLineHeight = 160;     // percent of the font's, so that there is room for the underline
constexpr int kUnderline = 2;

/// What stands for a character that has no picture of its own; 0 where it has one.
QChar markOf(QChar c) {
    const ushort code = c.unicode();
    if (code == '\t')
        return QChar(0x21E5);
    if (code < 0x20)
        return QChar(0x2400 + code);
    if (code == 0x7F)
        return QChar(0x2421);
    if (code == QChar::LineSeparator || code == QChar::ParagraphSeparator)
        return QChar(0x2424);
    // Signs that are not seen themselves, but turn the order of what is.
    const bool turns = code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                       (code >= 0x2066 && code <= 0x2069);
    if (turns || (code >= 0x80 && code < 0xA0))
        return QChar(0x2426);
    return {};
}

} // namespace

TokenView::TokenView(const QString& name, QWidget* parent) : QTextEdit(parent) {
    setProperty("role", QStringLiteral("bare"));
    setAccessibleName(name);
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setTabChangesFocus(true);
    setUndoRedoEnabled(false);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setFrameShape(QFrame::NoFrame);
    document()->setDocumentMargin(0);
    connect(&Theme::current(), &Theme::changed, this, &TokenView::fill);
    fill();
}

void TokenView::setTokens(const QList<TokenText>& tokens) {
    m_tokens = tokens;
    fill();
}

QTextCharFormat TokenView::formatOf(const TokenText& token, bool isAlternate) const {
    const Theme& theme = Theme::current();
    QTextCharFormat format;
    format.setFont(theme.font(TextRole::Monospace));
    switch (token.state) {
    case TokenText::State::Read:
        format.setBackground(theme.color(isAlternate ? ColorToken::MaskedTokenAlternate : ColorToken::MaskedToken));
        format.setForeground(theme.color(ColorToken::Secondary));
        break;
    case TokenText::State::Trained:
        format.setBackground(theme.color(isAlternate ? ColorToken::TrainedTokenAlternate : ColorToken::TrainedToken));
        format.setForeground(theme.color(ColorToken::Text));
        break;
    case TokenText::State::CutOff:
        format.setForeground(theme.color(ColorToken::Secondary));
        format.setFontStrikeOut(true);
        break;
    }
    return format;
}

void TokenView::insert(QTextCursor& cursor, const TokenText& token, const QTextCharFormat& format) {
    QString run;
    const auto flush = [&] {
        cursor.insertText(run, format);
        run.clear();
    };
    for (const QChar c : token.text) {
        if (token.isSpecial && !run.isEmpty()) {
            m_marks.insert(cursor.position() + int(run.size()), QString());
            run.append(kWordJoiner);
        }
        const QChar mark = c == QLatin1Char('\n') ? kBreakMark : markOf(c);
        if (!mark.isNull())
            m_marks.insert(cursor.position() + int(run.size()), c);
        run.append(mark.isNull() ? c : mark);
        if (c != QLatin1Char('\n'))
            continue;
        flush();
        m_marks.insert(cursor.position(), QString()); // the break that ends the line here is not the data's
        cursor.insertBlock();
    }
    flush();
}

void TokenView::fill() {
    m_ends.clear();
    m_marks.clear();
    const QSignalBlocker quiet(this);
    setUpdatesEnabled(false);
    clear();
    document()->setDefaultFont(Theme::current().font(TextRole::Monospace));
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    QTextBlockFormat lines;
    lines.setLineHeight(kLineHeight, QTextBlockFormat::ProportionalHeight);
    cursor.setBlockFormat(lines);
    for (int i = 0; i < m_tokens.size(); ++i) {
        insert(cursor, m_tokens[i], formatOf(m_tokens[i], i % 2 == 1));
        m_ends.append(cursor.position());
    }
    cursor.endEditBlock();
    verticalScrollBar()->setValue(0);
    setUpdatesEnabled(true);
}

int TokenView::tokenAt(const QPoint& place) const {
    const QPointF inDocument = place + QPoint(horizontalScrollBar()->value(), verticalScrollBar()->value());
    const int position = document()->documentLayout()->hitTest(inDocument, Qt::ExactHit);
    const auto end = std::upper_bound(m_ends.begin(), m_ends.end(), position);
    return position < 0 || end == m_ends.end() ? -1 : int(end - m_ends.begin());
}

bool TokenView::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QTextEdit::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int token = tokenAt(help->pos());
    QToolTip::showText(help->globalPos(), token < 0 ? QString() : m_tokens[token].description, viewport());
    return true;
}

QString TokenView::selectedSource() const {
    const QTextCursor selection = textCursor();
    QString source;
    for (int position = selection.selectionStart(); position < selection.selectionEnd(); ++position) {
        const auto mark = m_marks.constFind(position);
        source += mark != m_marks.constEnd() ? *mark : QString(document()->characterAt(position));
    }
    return source;
}

QMimeData* TokenView::createMimeDataFromSelection() const {
    auto* copied = new QMimeData;
    copied->setText(selectedSource());
    return copied;
}

void TokenView::paintEvent(QPaintEvent* event) {
    QTextEdit::paintEvent(event);
    QPainter painter(viewport());
    painter.translate(-horizontalScrollBar()->value(), -verticalScrollBar()->value());
    const QRectF seen(event->rect().translated(horizontalScrollBar()->value(), verticalScrollBar()->value()));
    const QAbstractTextDocumentLayout* layout = document()->documentLayout();
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        const QRectF area = layout->blockBoundingRect(block);
        if (area.top() > seen.bottom())
            break;
        if (area.bottom() >= seen.top())
            underlineBlock(painter, block);
    }
}

void TokenView::underlineBlock(QPainter& painter, const QTextBlock& block) const {
    const QPointF origin = document()->documentLayout()->blockBoundingRect(block).topLeft();
    const QColor accent = Theme::current().color(ColorToken::Accent);
    const int blockEnd = block.position() + block.length();
    int token = int(std::upper_bound(m_ends.begin(), m_ends.end(), block.position()) - m_ends.begin());
    for (; token < m_ends.size(); ++token) {
        const int start = std::max(token == 0 ? 0 : m_ends[token - 1], block.position()) - block.position();
        const int end = std::min(m_ends[token], blockEnd) - block.position();
        if (start >= block.length())
            break;
        if (m_tokens[token].state != TokenText::State::Trained)
            continue;
        for (int i = 0; i < block.layout()->lineCount(); ++i) {
            const QTextLine line = block.layout()->lineAt(i);
            const int from = std::max(start, line.textStart());
            const int to = std::min(end, line.textStart() + line.textLength());
            if (from >= to)
                continue;
            const qreal left = line.cursorToX(from), right = line.cursorToX(to);
            const qreal bottom = line.y() + line.ascent() + line.descent();
            painter.fillRect(QRectF(origin.x() + left, origin.y() + bottom, right - left, kUnderline), accent);
        }
    }
}

} // namespace lorikeet::ui
