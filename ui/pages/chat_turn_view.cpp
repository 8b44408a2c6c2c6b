// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_turn_view.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>

#include "ui/pages/chat_answer_view.h"
#include "ui/session/talk.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/plain_text.h"

namespace lorikeet::ui {

ChatTurnView::ChatTurnView(Talk& talk, int turn, QWidget* parent)
    : QWidget(parent), m_talk(talk), m_turn(turn), m_prompt(new PlainText(tr("Prompt %1").arg(turn + 1))),
      m_edit(makeIconButton(QStringLiteral("edit"), tr("Edit this prompt and send it again"))),
      m_editButtons(new QWidget), m_frame(nullptr) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* inside = new QVBoxLayout;
    inside->setContentsMargins(metrics::kGap, metrics::kGap, metrics::kGap, metrics::kGrid + metrics::kInside);
    inside->setSpacing(metrics::kGrid + metrics::kInside);
    inside->addWidget(makePrompt());
    auto* columns = new QHBoxLayout;
    columns->setSpacing(metrics::kGap);
    const int count = std::max(int(talk.turns()[std::size_t(turn)].answers.size()), 1);
    for (int side = 0; side < count; ++side) {
        if (side > 0)
            columns->addWidget(makeHairline(Qt::Vertical));
        auto* view = new ChatAnswerView(tr("Answer %1 of side %2").arg(turn + 1).arg(side + 1));
        columns->addWidget(view, 1);
        m_answers.push_back(view);
        connect(view, &ChatAnswerView::regenerateWanted, this, [this, side] { m_talk.regenerate(m_turn, side); });
        connect(view, &ChatAnswerView::stopWanted, this, [this, side] { m_talk.stop(m_turn, side); });
    }
    inside->addLayout(columns);
    layout->addLayout(inside);
    layout->addWidget(makeHairline());
    refresh();
}

QWidget* ChatTurnView::makePrompt() {
    auto* row = new QWidget;
    auto* rowLayout = new QHBoxLayout(row);
    rowLayout->setContentsMargins(0, 0, 0, 0);
    rowLayout->setSpacing(metrics::kGrid);
    m_frame = new QFrame;
    m_frame->setProperty("role", QStringLiteral("prompt"));
    auto* layout = new QVBoxLayout(m_frame);
    constexpr int kBorder = 2; // of the style sheet
    constexpr int kSide = metrics::kGrid + metrics::kInside - kBorder;
    // The text has a line's distance below.
    layout->setContentsMargins(kSide, metrics::kGrid - kBorder, kSide, metrics::kInside - kBorder);
    QSizePolicy keeps = m_edit->sizePolicy();
    keeps.setRetainSizeWhenHidden(true); // so that the prompt stays as wide as it is
    m_edit->setSizePolicy(keeps);
    m_prompt->setText(QString::fromStdString(m_talk.turns()[std::size_t(m_turn)].prompt));
    m_prompt->installEventFilter(this);
    layout->addWidget(m_prompt);
    auto* buttons = new QHBoxLayout(m_editButtons);
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->addWidget(makeLabel(tr("What follows this turn goes."), LabelRole::Secondary), 1);
    QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Plain, {}, ControlSize::Compact);
    QPushButton* send = makeButton(tr("Send again"), ButtonKind::Normal, QStringLiteral("send"), ControlSize::Compact);
    cancel->setToolTip(tr("Keep the prompt as it was (Escape)"));
    send->setToolTip(tr("Ask with this prompt; the turns after it are removed (Return)"));
    buttons->addWidget(cancel);
    buttons->addWidget(send);
    m_editButtons->hide();
    layout->addWidget(m_editButtons);
    rowLayout->addWidget(m_frame, 1);
    rowLayout->addWidget(m_edit, 0, Qt::AlignTop);
    connect(m_edit, &QToolButton::clicked, this, &ChatTurnView::beginEditing);
    connect(cancel, &QPushButton::clicked, this, &ChatTurnView::endEditing);
    connect(send, &QPushButton::clicked, this, &ChatTurnView::send);
    return row;
}

void ChatTurnView::refresh(int side) {
    if (side >= answers())
        return;
    const auto& said = m_talk.turns()[std::size_t(m_turn)].answers;
    const bool isThere = side < int(said.size()) && said[std::size_t(side)];
    m_answers[std::size_t(side)]->show(isThere ? &*said[std::size_t(side)] : nullptr, m_talk.progress(m_turn, side),
                                       m_talk.failure(m_turn, side), side < m_talk.sides());
}

void ChatTurnView::refresh() {
    for (int side = 0; side < answers(); ++side)
        refresh(side);
}

bool ChatTurnView::isEditing() const {
    return !m_editButtons->isHidden();
}

void ChatTurnView::beginEditing() {
    m_editButtons->show();
    m_edit->hide();
    setStyleProperty(m_frame, "state", QStringLiteral("edited"));
    m_prompt->setEditable(true);
    m_prompt->setFocus();
    m_prompt->moveCursor(QTextCursor::End);
}

void ChatTurnView::endEditing() {
    m_editButtons->hide();
    m_edit->show();
    setStyleProperty(m_frame, "state", QString());
    m_prompt->setEditable(false);
    m_prompt->setText(QString::fromStdString(m_talk.turns()[std::size_t(m_turn)].prompt));
    m_edit->setFocus();
}

void ChatTurnView::send() {
    const QString prompt = m_prompt->text().trimmed();
    if (!prompt.isEmpty())
        emit resendWanted(m_turn, prompt);
}

bool ChatTurnView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_prompt && isEditing() && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isReturn = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isReturn && !(key->modifiers() & Qt::ShiftModifier)) {
            send();
            return true;
        }
        if (key->key() == Qt::Key_Escape) {
            endEditing();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lorikeet::ui
