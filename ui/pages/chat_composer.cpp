// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_composer.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextBlock>
#include <QVBoxLayout>

#include <cmath>

#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kMostLines = 8; ///< in sight; more scroll

} // namespace

ChatComposer::ChatComposer(QWidget* parent)
    : QFrame(parent), m_editor(new QPlainTextEdit), m_stop(makeButton({}, ButtonKind::Normal, QStringLiteral("stop"))),
      m_send(makeButton({}, ButtonKind::Primary, QStringLiteral("send"))) {
    setProperty("role", QStringLiteral("composer"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGrid, metrics::kGrid, metrics::kGrid, metrics::kGrid);
    layout->setSpacing(metrics::kGrid);
    m_editor->setProperty("role", QStringLiteral("bare"));
    m_editor->setAccessibleName(tr("Prompt"));
    m_editor->setToolTip(tr("What the models are asked"));
    m_editor->setTabChangesFocus(true);
    m_editor->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_editor->document()->setDocumentMargin(metrics::kInside);
    m_editor->installEventFilter(this);
    layout->addWidget(m_editor);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(metrics::kGrid);
    auto* hint = new ElidedLabel(tr("Return sends, Shift+Return starts a new line"));
    hint->setProperty("role", QStringLiteral("secondary"));
    hint->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    hint->setIndent(metrics::kInside);
    foot->addWidget(hint, 1);
    m_stop->setToolTip(tr("Stop the answers; what has been said stays (Escape)"));
    foot->addWidget(m_stop);
    foot->addWidget(m_send);
    layout->addLayout(foot);
    setFocusPolicy(Qt::ClickFocus); // a click beside the text is meant for it
    setFocusProxy(m_editor);
    connect(m_editor, &QPlainTextEdit::textChanged, this, [this] {
        fit();
        refresh();
    });
    connect(m_stop, &QPushButton::clicked, this, &ChatComposer::stopWanted);
    connect(m_send, &QPushButton::clicked, this, &ChatComposer::send);
    setSides(0);
    fit();
}

void ChatComposer::setSides(int sides, const QString& whyNot) {
    m_sides = sides;
    m_whyNot = whyNot;
    m_editor->setPlaceholderText(sides > 1 ? tr("Ask both models…") : tr("Ask the model…"));
    m_editor->viewport()->update(); // Qt 6.4 does not where one placeholder follows another
    m_stop->setText(sides > 1 ? tr("Stop both") : tr("Stop"));
    m_stop->setAccessibleName(m_stop->text());
    m_send->setText(sides > 1 ? tr("Send to both") : tr("Send"));
    m_send->setAccessibleName(m_send->text());
    refresh();
}

void ChatComposer::setAnswering(bool answering) {
    m_isAnswering = answering;
    refresh();
}

void ChatComposer::refresh() {
    const bool isEmpty = m_editor->toPlainText().trimmed().isEmpty();
    m_stop->setVisible(m_isAnswering);
    m_send->setEnabled(m_sides > 0 && !m_isAnswering && !isEmpty);
    m_send->setToolTip(m_sides == 0    ? m_whyNot
                       : m_isAnswering ? tr("Wait until the answer is there, or stop it")
                       : isEmpty       ? tr("Write something first")
                                       : tr("Ask (Return)"));
}

void ChatComposer::setText(const QString& text) {
    m_editor->setPlainText(text);
    m_editor->moveCursor(QTextCursor::End);
}

QString ChatComposer::text() const {
    return m_editor->toPlainText();
}

void ChatComposer::clear() {
    m_editor->clear();
}

void ChatComposer::send() {
    if (m_send->isEnabled())
        emit sendWanted(m_editor->toPlainText().trimmed());
}

void ChatComposer::fit() {
    // The layout of a plain text counts its height in lines.
    int lines = 0;
    for (QTextBlock block = m_editor->document()->begin(); block.isValid() && lines < kMostLines; block = block.next())
        lines += std::max(block.layout()->lineCount(), 1);
    const int height = std::min(lines, kMostLines) * m_editor->fontMetrics().lineSpacing() +
                       2 * int(m_editor->document()->documentMargin()) + 2 * m_editor->frameWidth() + 1;
    if (m_editor->height() != height || m_editor->minimumHeight() != height)
        m_editor->setFixedHeight(height);
}

void ChatComposer::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fit();
}

bool ChatComposer::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_editor)
        return QFrame::eventFilter(watched, event);
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        setStyleProperty(this, "state",
                         event->type() == QEvent::FocusIn ? QStringLiteral("focus") : QStringLiteral("rest"));
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isReturn = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    // Ctrl+Return belongs to the window.
    if (isReturn && !(key->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier))) {
        send();
        return true;
    }
    if (key->key() == Qt::Key_Escape && m_isAnswering) {
        emit stopWanted();
        return true;
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace lorikeet::ui
