// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_errors_card.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>

#include "ui/models/error_table_model.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

constexpr int kRowHeight = 28;
constexpr int kRows = 4;

} // namespace

ModelErrorsCard::ModelErrorsCard(QWidget* parent)
    : Card(tr("Quantization error"), parent),
      m_scope(new SegmentedControl(tr("Of which weights"), {tr("This tensor"), tr("All linear layers")},
                                   ControlSize::Compact)),
      m_model(new ErrorTableModel(this)), m_table(new QTableView), m_computing(new QWidget),
      m_soFar(makeLabel({}, LabelRole::Secondary)), m_note(makeParagraph({}, LabelRole::Secondary)),
      m_again(makeButton(tr("Compute"), ButtonKind::Normal, {}, ControlSize::Compact)) {
    head()->addWidget(m_scope);
    m_table->setAccessibleName(tr("Relative error by type and blocksize"));
    m_table->setModel(m_model);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(std::max(kRowHeight, fontMetrics().height() + metrics::kGrid));
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setMinimumHeight((kRows + 1) * m_table->verticalHeader()->defaultSectionSize() + metrics::kGap);
    m_table->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    body()->addWidget(m_table);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_note, 1);
    auto* computing = new QHBoxLayout(m_computing);
    computing->setContentsMargins(0, 0, 0, 0);
    computing->addWidget(m_soFar);
    QPushButton* cancel = makeButton(tr("Cancel"), ButtonKind::Link);
    cancel->setAccessibleName(tr("Cancel the computing of errors"));
    cancel->setToolTip(tr("Stop quantizing weights for this table"));
    computing->addWidget(cancel);
    foot->addWidget(m_computing);
    m_again->setToolTip(tr("Quantize the weights in each way and compare"));
    foot->addWidget(m_again);
    body()->addLayout(foot);
    connect(cancel, &QPushButton::clicked, this, &ModelErrorsCard::cancelWanted);
    connect(m_again, &QPushButton::clicked, this, &ModelErrorsCard::wanted);
    connect(m_scope, &SegmentedControl::chosen, this, &ModelErrorsCard::wanted);
    reset();
}

bool ModelErrorsCard::isOfAllLayers() const {
    return m_scope->current() == 1;
}

void ModelErrorsCard::reset() {
    m_model->clear();
    m_computing->hide();
    m_again->hide();
    m_note->clear();
}

void ModelErrorsCard::setProgress(double done) {
    m_soFar->setText(tr("Computing, %1").arg(formatShare(done)));
    m_computing->show();
}

void ModelErrorsCard::setStudy(const ErrorStudy& study) {
    reset();
    m_model->setStudy(study);
    m_note->setText(study.weights == study.allWeights
                        ? tr("Of %1 weights, with double quantization").arg(formatBig(study.weights))
                        : tr("Of %1 weights of %2, in layers evenly spread, with double quantization")
                              .arg(formatBig(study.weights), formatBig(study.allWeights)));
}

void ModelErrorsCard::setNotStudied(const QString& why) {
    reset();
    m_note->setText(why);
    m_again->show();
}

} // namespace lorikeet::ui
