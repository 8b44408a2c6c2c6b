// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_card.h"
#include "ui/session/dataset_facts.h"

namespace lorikeet::ui {

class Histogram;

/// How many rows have how many tokens, with the line after which they are cut.
class DatasetLengthsCard : public ChartCard {
    Q_OBJECT
public:
    explicit DatasetLengthsCard(QWidget* parent = nullptr);

    void setNumbers(const DatasetNumbers& numbers);
    void setCutOff(int maxLength);

signals:
    /// The user has let the line go there.
    void cutOffChosen(int maxLength);

private:
    DatasetLengthsCard(Histogram* histogram, QWidget* parent);
    void showCutOff();

    Histogram* m_histogram;
    int m_maxLength = 0;
    int m_longest = 0;
};

} // namespace lorikeet::ui
