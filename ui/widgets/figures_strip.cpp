// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/figures_strip.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QVBoxLayout>

#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

FiguresStrip::FiguresStrip(const QStringList& labels, QWidget* parent) : QFrame(parent), m_progress(new QProgressBar) {
    setProperty("role", QStringLiteral("card"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kGap, metrics::kGrid, metrics::kGap, metrics::kGrid + metrics::kInside);
    layout->setSpacing(metrics::kGrid);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    for (const QString& label : labels) {
        auto* cell = new QWidget;
        auto* line = new QHBoxLayout(cell);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(metrics::kGap);
        if (!m_cells.isEmpty())
            line->addWidget(makeHairline(Qt::Vertical));
        auto* words = new QVBoxLayout;
        words->setSpacing(metrics::kInside / 2);
        words->addWidget(makeLabel(label, LabelRole::Secondary));
        QLabel* value = makeLabel(QStringLiteral("–"), LabelRole::Value);
        value->setFont(Theme::withTabularFigures(value->font()));
        value->setAccessibleName(label);
        words->addWidget(value);
        line->addLayout(words);
        line->addStretch(1);
        row->addWidget(cell, 1);
        m_cells.append(cell);
        m_values.append(value);
    }
    layout->addLayout(row);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress"));
    layout->addWidget(m_progress);
    setMinimumWidth(1);
}

void FiguresStrip::setFigure(int index, const QString& value) {
    m_values[index]->setText(value);
    m_values[index]->setAccessibleDescription(value);
}

void FiguresStrip::setProgress(double share) {
    m_progress->setVisible(share >= 0.0);
    m_progress->setValue(int(1000.0 * share));
}

QString FiguresStrip::figure(int index) const {
    return m_values[index]->text();
}

void FiguresStrip::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fit();
}

void FiguresStrip::fit() {
    int room = width() - 2 * metrics::kGap;
    for (QWidget* cell : qAsConst(m_cells)) {
        room -= cell->sizeHint().width() + metrics::kGrid;
        cell->setVisible(room >= 0 || cell == m_cells.constFirst());
    }
}

} // namespace lorikeet::ui
