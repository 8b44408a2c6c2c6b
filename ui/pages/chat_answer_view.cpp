// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_answer_view.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>

#include "core/runs/chat_record.h"
#include "ui/session/talk.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/plain_text.h"

namespace lorikeet::ui {
namespace {

QString madeBy(const ChatAnswer& answer) {
    QStringList parts = {QString::fromStdString(answer.label)};
    if (answer.stopReason == "stopped")
        parts << ChatAnswerView::tr("stopped");
    else if (answer.stopReason == "length")
        parts << ChatAnswerView::tr("cut at %1 tokens").arg(formatCount(answer.tokens));
    parts << ChatAnswerView::tr("seed %1").arg(qulonglong(answer.seed));
    if (std::isfinite(answer.tokensPerSecond))
        parts << formatSpeed(answer.tokensPerSecond);
    return parts.join(QStringLiteral(", "));
}

QString advice(const Failure& failure) {
    switch (failure.code) {
    case ErrorCode::OutOfMemory:
        return ChatAnswerView::tr("Close other programs, choose a smaller model above, or wait until the run that "
                                  "trains has ended; then answer again.");
    case ErrorCode::NotFound:
    case ErrorCode::Io:
        return ChatAnswerView::tr("Put the file back, or choose another model or run above; then answer again.");
    case ErrorCode::BadFile:
    case ErrorCode::NotBuilt:
        return ChatAnswerView::tr("Choose another model or run above; then answer again.");
    default:
        return ChatAnswerView::tr("Change the settings or the prompt; then answer again.");
    }
}

} // namespace

ChatAnswerView::ChatAnswerView(const QString& name, QWidget* parent)
    : QWidget(parent), m_text(new PlainText(name)), m_problem(makeParagraph({})), m_label(new ElidedLabel),
      m_regenerate(makeIconButton(QStringLiteral("retry"), tr("Answer again, with the model and the sampling of now"))),
      m_copy(makeIconButton(QStringLiteral("copy"), tr("Copy this answer"))),
      m_stop(makeIconButton(QStringLiteral("stop"), tr("Stop this answer; what it has said stays"))) {
    setAccessibleName(name);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kInside);
    layout->addWidget(m_text);
    layout->addWidget(m_problem);
    setTone(m_problem, LabelTone::Danger);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(metrics::kInside);
    m_label->setProperty("role", QStringLiteral("secondary"));
    m_label->setMinimumHeight(metrics::kSmallControl);
    m_label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    foot->addWidget(m_label, 1);
    for (QToolButton* button : {m_regenerate, m_copy, m_stop})
        foot->addWidget(button);
    layout->addLayout(foot);
    layout->addStretch(1);
    connect(m_regenerate, &QToolButton::clicked, this, &ChatAnswerView::regenerateWanted);
    connect(m_stop, &QToolButton::clicked, this, &ChatAnswerView::stopWanted);
    connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(m_text->text()); });
}

QString ChatAnswerView::text() const {
    return m_text->text();
}

QString ChatAnswerView::label() const {
    return m_label->fullText();
}

void ChatAnswerView::show(const ChatAnswer* answer, const AnswerProgress* progress, const Failure* failure,
                          bool canAsk) {
    const ChatAnswer* shown = progress ? &progress->answer : answer;
    const QString text = shown ? QString::fromStdString(shown->text) : QString();
    if (m_text->text() != text)
        m_text->setText(text);
    m_text->setVisible(progress || !text.isEmpty());
    m_text->setCursorShown(progress && progress->phase == AnswerProgress::Phase::Writing);
    m_problem->setVisible(failure && !progress);
    if (failure && !progress)
        showFailure(*failure);
    if (progress)
        showProgress(*progress);
    else if (answer)
        m_label->setFullText(madeBy(*answer));
    else
        m_label->setFullText(failure ? QString() : tr("Not answered"));
    m_stop->setVisible(progress && !progress->isStopping);
    m_regenerate->setVisible(!progress && canAsk);
    m_copy->setVisible(!progress && !text.isEmpty());
}

void ChatAnswerView::grow(const AnswerProgress& progress, const QString& text) {
    m_text->show();
    m_text->append(text);
    m_text->setCursorShown(true);
    showProgress(progress);
}

void ChatAnswerView::showProgress(const AnswerProgress& progress) {
    if (progress.isStopping) {
        m_label->setFullText(tr("Stopping"));
        return;
    }
    switch (progress.phase) {
    case AnswerProgress::Phase::Waiting:
        m_label->setFullText(tr("About to answer"));
        break;
    case AnswerProgress::Phase::Loading:
        m_label->setFullText(tr("Loading the model, %1").arg(formatShare(progress.fraction)));
        break;
    case AnswerProgress::Phase::Reading:
        m_label->setFullText(tr("Reading the conversation"));
        break;
    case AnswerProgress::Phase::Writing:
        m_label->setFullText(
            tr("Writing, %1 tokens, %2").arg(formatCount(progress.tokens), formatSpeed(progress.tokensPerSecond)));
        break;
    }
}

void ChatAnswerView::showFailure(const Failure& failure) {
    m_problem->setText(tr("No answer: %1").arg(failure.message) + QLatin1Char('\n') + advice(failure));
}

} // namespace lorikeet::ui
