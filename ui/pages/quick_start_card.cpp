// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quick_start_card.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/pages/navigator.h"
#include "ui/session/studio.h"
#include "ui/theme/icons.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

QuickStartCard::QuickStartCard(Studio& studio, Navigator& navigator, QWidget* parent)
    : Card(tr("Quick start"), parent), m_studio(studio), m_navigator(navigator), m_text(makeParagraph({})),
      m_rows(makeLabel({}, LabelRole::Value)), m_steps(makeLabel({}, LabelRole::Value)),
      m_download(makeLabel({}, LabelRole::Value)), m_waiting(new QWidget), m_phase(makeLabel({}, LabelRole::Secondary)),
      m_progress(new QProgressBar), m_problem(new Banner) {
    body()->addWidget(m_text);
    m_facts = makeFacts();
    body()->addWidget(m_facts);
    auto* waiting = new QVBoxLayout(m_waiting);
    waiting->setContentsMargins(0, 0, 0, 0);
    waiting->setSpacing(metrics::kInside);
    waiting->addWidget(m_phase);
    waiting->addWidget(m_progress);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of the quick start"));
    body()->addWidget(m_waiting);
    body()->addWidget(m_problem);
    body()->addStretch(1);
    makeButtons();
    m_text->setText(tr("Teaches a small model a new manner from examples that come with Lorikeet, then lets you ask "
                       "the base and the tuned model the same questions."));
    connect(&m_studio, &Studio::modelsChanged, this, &QuickStartCard::look);
    connect(&m_studio.training(), &TrainingSession::changed, this, &QuickStartCard::showProgress);
    connect(&m_studio.training(), &TrainingSession::ended, this, [this](const TrainingEnd& end) {
        look();
        if (!end.wasQuickStart || !end.run.isEmpty() || !end.failure || end.failure->isCancelled())
            return;
        m_problem->tell(LabelTone::Danger, tr("The quick start could not begin."), end.failure->message);
        connect(m_problem->addAction(tr("Choose a GGUF file…")), &QPushButton::clicked, this,
                [this] { chooseModel(false); });
        connect(m_problem->addAction(tr("Choose a folder…")), &QPushButton::clicked, this,
                [this] { chooseModel(true); });
    });
    showProgress();
    look();
}

QWidget* QuickStartCard::makeFacts() {
    auto* box = new QWidget;
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kPage);
    const auto add = [layout](const QString& label, QLabel* value) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(0);
        cell->addWidget(makeLabel(label, LabelRole::Secondary));
        cell->addWidget(value);
        layout->addLayout(cell);
    };
    add(tr("Examples"), m_rows);
    add(tr("Steps"), m_steps);
    add(tr("Download"), m_download);
    layout->addStretch(1);
    return box;
}

void QuickStartCard::makeButtons() {
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kGrid);
    m_start = makeButton(tr("Start quick run"), ButtonKind::Primary, QStringLiteral("play"));
    m_start->setToolTip(tr("Fetches the model where it is not there yet, and trains it; a few minutes on two cores"));
    connect(m_start, &QPushButton::clicked, &m_navigator, &Navigator::quickStartWanted);
    row->addWidget(m_start);
    m_change = makeButton(tr("Change settings first"), ButtonKind::Plain);
    m_change->setToolTip(tr("Opens the same run in New run"));
    connect(m_change, &QPushButton::clicked, this, [this] {
        m_look = runInBackground(
            this,
            [workshop = m_studio.workshop()](std::stop_token) {
                const QuickStartOffer offer = quickStartOffer(*workshop);
                return quickStartConfig(offer.model.value_or(""), std::nullopt);
            },
            [this](const RunConfig& config) { emit m_navigator.newRunWanted(config); },
            [this](const Failure& why) { m_problem->tell(LabelTone::Danger, {}, why.message); });
    });
    row->addWidget(m_change);
    m_cancel = makeButton(tr("Cancel"));
    m_cancel->setToolTip(tr("Ends the quick start"));
    connect(m_cancel, &QPushButton::clicked, this, [this] { m_studio.training().stop(); });
    row->addWidget(m_cancel);
    row->addStretch(1);
    body()->addLayout(row);
}

void QuickStartCard::setPrimary(bool primary) {
    setStyleProperty(m_start, "kind", primary ? QStringLiteral("primary") : QStringLiteral("normal"));
    m_start->setIcon(icon(QStringLiteral("play"), primary ? ColorToken::OnAccent : ColorToken::Text));
}

void QuickStartCard::look() {
    m_look = runInBackground(
        this, [workshop = m_studio.workshop()](std::stop_token) { return quickStartOffer(*workshop); },
        [this](const QuickStartOffer& offer) { show(offer); },
        [this](const Failure& why) { m_problem->tell(LabelTone::Danger, {}, why.message); });
}

void QuickStartCard::show(const QuickStartOffer& offer) {
    m_rows->setText(formatCount(offer.rows));
    m_steps->setText(formatCount(offer.steps));
    m_download->setText(offer.model ? tr("none, on disk") : formatFileSize(offer.downloadBytes));
    m_text->setText(tr("Finetune %1 on %2 examples that come with Lorikeet, then ask the base and the tuned model the "
                       "same questions.")
                        .arg(QString::fromStdString(offer.modelName), formatCount(offer.rows)));
}

void QuickStartCard::showProgress() {
    const TrainingSession& training = m_studio.training();
    const bool isBeginning = training.isQuickStart() && training.phase() != TrainingSession::Phase::Training;
    m_waiting->setVisible(isBeginning);
    m_cancel->setVisible(isBeginning);
    m_facts->setVisible(!isBeginning);
    m_change->setVisible(!isBeginning);
    m_start->setVisible(!isBeginning);
    m_start->setEnabled(!training.isActive());
    m_start->setToolTip(
        training.isActive()
            ? tr("A run is training. The quick start can begin when it has ended.")
            : tr("Fetches the model where it is not there yet, and trains it; a few minutes on two cores"));
    if (!isBeginning)
        return;
    m_problem->hide();
    const QString share = formatShare(training.fraction());
    switch (training.phase()) {
    case TrainingSession::Phase::FetchingModel:
        m_phase->setText(tr("Fetching the model, %1").arg(share));
        break;
    case TrainingSession::Phase::ReadingData:
        m_phase->setText(tr("Reading the data"));
        break;
    default:
        m_phase->setText(tr("Loading the model, %1").arg(share));
    }
    m_progress->setRange(0, training.fraction() > 0.0 ? 1000 : 0); // of unknown length at first
    m_progress->setValue(int(1000 * training.fraction()));
}

void QuickStartCard::chooseModel(bool folder) {
    const QString title = tr("The model to train");
    const QString path = folder ? QFileDialog::getExistingDirectory(this, title)
                                : QFileDialog::getOpenFileName(this, title, {}, tr("Models (*.gguf)"));
    if (path.isEmpty() || m_studio.training().isActive())
        return;
    m_studio.training().startQuickStart(quickStartConfig(path.toStdString(), std::nullopt), false);
}

} // namespace lorikeet::ui
