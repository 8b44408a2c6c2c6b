// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plain_text.h"

#include <QAbstractTextDocumentLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QWheelEvent>

#include <cmath>

#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr double kLeading = metrics::kInside; ///< px between two lines

} // namespace

PlainText::PlainText(const QString& name, QWidget* parent) : QTextEdit(parent) {
    setAccessibleName(name);
    setProperty("role", QStringLiteral("bare"));
    setFrameShape(QFrame::NoFrame);
    setAcceptRichText(false);
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setFocusPolicy(Qt::ClickFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setUndoRedoEnabled(false);
    document()->setDocumentMargin(0);
    viewport()->setAutoFillBackground(false);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this, &PlainText::fit);
    setText({});
}

void PlainText::setText(const QString& text) {
    setPlainText(text);
    QTextCursor all(document());
    all.select(QTextCursor::Document);
    QTextBlockFormat format;
    format.setLineHeight(kLeading, QTextBlockFormat::LineDistanceHeight);
    all.mergeBlockFormat(format); // which lines added later inherit
    fit();
}

void PlainText::append(const QString& text) {
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    end.insertText(text);
    viewport()->update();
}

void PlainText::setCursorShown(bool shown) {
    m_isCursorShown = shown;
    viewport()->update();
}

void PlainText::setEditable(bool editable) {
    m_isEditable = editable;
    setReadOnly(!editable);
    setTextInteractionFlags(editable ? Qt::TextEditorInteraction
                                     : Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setFocusPolicy(editable ? Qt::StrongFocus : Qt::ClickFocus);
    setUndoRedoEnabled(editable);
}

QSize PlainText::minimumSizeHint() const {
    return {fontMetrics().averageCharWidth() * 8, height()};
}

void PlainText::fit() {
    const int frame = 2 * frameWidth();
    const int content = int(std::ceil(document()->documentLayout()->documentSize().height()));
    const QMargins margins = viewportMargins();
    const int wanted = std::max(content, fontMetrics().height()) + frame + margins.top() + margins.bottom();
    if (wanted != height() || wanted != minimumHeight())
        setFixedHeight(wanted);
}

void PlainText::paintEvent(QPaintEvent* event) {
    QTextEdit::paintEvent(event);
    if (!m_isCursorShown)
        return;
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    const QRect place = cursorRect(end);
    QPainter painter(viewport());
    const int width = fontMetrics().averageCharWidth();
    const int left = std::min(place.left() + 2, viewport()->width() - width);
    painter.fillRect(QRect(left, place.top() + 1, width, fontMetrics().height() - 2),
                     Theme::current().color(ColorToken::Accent));
}

void PlainText::wheelEvent(QWheelEvent* event) {
    event->ignore(); // it has all its lines in sight: what scrolls is what it lies in
}

void PlainText::keyPressEvent(QKeyEvent* event) {
    const bool scrolls = event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown;
    if (scrolls && !m_isEditable)
        event->ignore();
    else
        QTextEdit::keyPressEvent(event);
}

void PlainText::changeEvent(QEvent* event) {
    QTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fit();
}

void PlainText::insertFromMimeData(const QMimeData* source) {
    if (source->hasText())
        textCursor().insertText(source->text());
}

} // namespace lorikeet::ui
