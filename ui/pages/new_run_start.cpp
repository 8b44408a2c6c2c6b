// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_start.h"

#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

StartSection::StartSection(QWidget* parent)
    : QWidget(parent), m_start(makeButton(tr("Start run"), ButtonKind::Primary, QStringLiteral("play"))),
      m_cancel(makeButton(tr("Cancel the start"))), m_text(makeParagraph({}, LabelRole::Secondary)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGap, metrics::kGrid + metrics::kInside, metrics::kGap,
                               metrics::kGrid + metrics::kInside);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(m_start);
    layout->addWidget(m_cancel);
    m_text->setAlignment(Qt::AlignHCenter);
    layout->addWidget(m_text);
    m_cancel->setToolTip(tr("Gives the start up; nothing of it stays"));
    connect(m_start, &QPushButton::clicked, this, &StartSection::startWanted);
    connect(m_cancel, &QPushButton::clicked, this, &StartSection::cancelWanted);
    showChecking();
}

void StartSection::showReady(const QString& text) {
    m_cancel->hide();
    m_start->show();
    m_start->setEnabled(true);
    m_start->setText(tr("Start run"));
    m_start->setToolTip(tr("Starts the run (Ctrl+Return)"));
    m_text->setText(text);
    setTone(m_text, LabelTone::Plain);
}

void StartSection::showQueueing() {
    showReady(tr("Ctrl+Return. Another run trains; this one waits for its turn."));
    m_start->setText(tr("Add to queue"));
    m_start->setToolTip(tr("Puts the run behind those that wait; it starts when they have ended (Ctrl+Return)"));
}

void StartSection::showRefused(const QString& why) {
    m_cancel->hide();
    m_start->show();
    m_start->setEnabled(false);
    m_start->setToolTip(why);
    m_text->setText(why);
    setTone(m_text, LabelTone::Danger);
}

void StartSection::showChecking() {
    m_cancel->hide();
    m_start->show();
    m_start->setEnabled(false);
    m_start->setToolTip(tr("The settings are being checked"));
}

void StartSection::showStarting(const QString& what, bool canCancel) {
    m_start->hide();
    m_cancel->show();
    m_cancel->setEnabled(canCancel);
    m_text->setText(what);
    setTone(m_text, LabelTone::Plain);
}

void StartSection::press() {
    if (m_start->isVisible() && m_start->isEnabled())
        m_start->click();
}

} // namespace lorikeet::ui
