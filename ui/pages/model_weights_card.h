// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/weight_study.h"
#include "ui/charts/chart_card.h"

class QComboBox;

namespace lorikeet::ui {

class Histogram;

/// How the values of one tensor lie between the levels of a 4-bit type, each divided by the largest of its block.
class ModelWeightsCard : public ChartCard {
    Q_OBJECT
public:
    explicit ModelWeightsCard(QWidget* parent = nullptr);

    void setTensor(const QString& name);
    void setHistogram(const TensorHistogram& histogram);
    void setProblem(const QString& why);
    int blocksize() const;

signals:
    void blocksizeChosen();

private:
    ModelWeightsCard(Histogram* histogram, QWidget* parent);
    void showLevels();

    Histogram* m_histogram;
    QComboBox* m_type;
    QComboBox* m_blocksize;
    QLabel* m_facts;
};

} // namespace lorikeet::ui
