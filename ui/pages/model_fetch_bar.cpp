// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_fetch_bar.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QPushButton>

#include <cmath>

#include "core/jobs/quick_start.h"
#include "core/jobs/workshop.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kBarSteps = 1000;
constexpr int kWatch = 150; // ms between two looks at a download

} // namespace

ModelFetchBar::ModelFetchBar(std::shared_ptr<Workshop> workshop, QWidget* parent)
    : QWidget(parent), m_workshop(std::move(workshop)), m_words(makeLabel({}, LabelRole::Secondary)),
      m_bar(new QProgressBar) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("The starter model's download"));
    QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Normal, {}, ControlSize::Compact);
    cancel->setAccessibleName(tr("Cancel the download"));
    cancel->setToolTip(tr("Stop fetching; nothing of it is left"));
    layout->addWidget(m_words);
    layout->addWidget(m_bar, 1);
    layout->addWidget(cancel);
    connect(cancel, &QPushButton::clicked, this, &ModelFetchBar::end);
    connect(&m_watch, &QTimer::timeout, this, [this] {
        m_bar->setValue(int(std::lround(m_progress->load() * kBarSteps)));
        m_words->setText(tr("Fetching the starter model, %1").arg(formatShare(m_progress->load())));
    });
    hide();
}

void ModelFetchBar::fetch() {
    if (isFetching())
        return;
    m_words->setText(tr("Fetching the starter model"));
    m_bar->setValue(0);
    show();
    m_progress = std::make_shared<std::atomic<double>>(0.0);
    m_watch.start(kWatch);
    m_fetch = runInBackground(
        this,
        [workshop = m_workshop, done = m_progress](std::stop_token stop) {
            fetchStarterModel(
                *workshop, [&](const JobProgress& progress) { done->store(progress.fraction); }, std::move(stop));
        },
        [this] {
            end();
            emit fetched();
        },
        [this](const Failure& failure) {
            end();
            emit failed(failure);
        });
    emit changed();
}

void ModelFetchBar::end() {
    m_fetch.stop();
    m_watch.stop();
    hide();
    emit changed();
}

} // namespace lorikeet::ui
