// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_lengths_card.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/histogram.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kMostBins = 40;
constexpr int kShortest = 2; // tokens that a sequence may have
constexpr int kChartHeight = 150;

/// The least power of two that divides `longest` into at most kMostBins bins: lengths are multiples of such numbers.
int binWidth(int longest) {
    int width = 1;
    while (longest / width >= kMostBins)
        width *= 2;
    return width;
}

} // namespace

DatasetLengthsCard::DatasetLengthsCard(QWidget* parent)
    : DatasetLengthsCard(new Histogram(tr("Rows by length in tokens")), parent) {}

DatasetLengthsCard::DatasetLengthsCard(Histogram* histogram, QWidget* parent)
    : ChartCard(tr("Rows by length in tokens"), histogram, parent), m_histogram(histogram) {
    m_histogram->setAxis(AxisKind::Count, tr("Length in tokens"), tr("Rows"));
    m_histogram->setCutOffLabel([](double value) { return tr("Cut off at %1").arg(formatCount(std::llround(value))); });
    m_histogram->setMinimumHeight(kChartHeight);
    m_histogram->setToolTip(tr("Drag the line, or move it by the arrow keys, to cut rows elsewhere"));
    connect(m_histogram, &Histogram::cutOffChosen, this, [this](double value) {
        m_maxLength = int(std::lround(value));
        emit cutOffChosen(m_maxLength);
    });
}

void DatasetLengthsCard::setNumbers(const DatasetNumbers& numbers) {
    m_longest = int(numbers.longest);
    if (numbers.lengths.empty()) {
        m_histogram->setBins({});
        m_histogram->setCutOff(std::nullopt);
        return;
    }
    const int width = binWidth(m_longest);
    std::vector<HistogramBin> bins(size_t(m_longest / width) + 1);
    for (size_t i = 0; i < bins.size(); ++i)
        bins[i] = {double(i) * width, double(i + 1) * width, 0.0};
    for (const int32_t length : numbers.lengths)
        bins[size_t(length / width)].count += 1.0;
    m_histogram->setBins(std::move(bins));
    showCutOff();
}

void DatasetLengthsCard::setCutOff(int maxLength) {
    m_maxLength = maxLength;
    showCutOff();
}

void DatasetLengthsCard::showCutOff() {
    if (m_longest == 0)
        return;
    const int width = binWidth(m_longest);
    const int last = std::max((m_longest / width + 1) * width, m_maxLength);
    m_histogram->setCutOff(CutOff{double(m_maxLength), {double(kShortest), double(last)}, double(width)});
}

} // namespace lorikeet::ui
