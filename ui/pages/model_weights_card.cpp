// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_weights_card.h"

#include <QComboBox>

#include "ui/charts/histogram.h"
#include "ui/models/error_table_model.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kChartHeight = 200;
constexpr QuantType kTypes[] = {QuantType::Nf4, QuantType::Fp4, QuantType::Int4};
constexpr int kBlocksizes[] = {32, 64, 128, 256, 512, 1024};
constexpr int kUsualBlocksize = 64;

QComboBox* makeCombo(const QString& name, const QString& toolTip) {
    auto* combo = new QComboBox;
    combo->setProperty("compact", true);
    combo->setAccessibleName(name);
    combo->setToolTip(toolTip);
    return combo;
}

} // namespace

ModelWeightsCard::ModelWeightsCard(QWidget* parent)
    : ModelWeightsCard(new Histogram(tr("Values of the tensor, by block")), parent) {}

ModelWeightsCard::ModelWeightsCard(Histogram* histogram, QWidget* parent)
    : ChartCard(tr("Weights"), histogram, parent), m_histogram(histogram),
      m_type(makeCombo(tr("Levels that are drawn"), tr("The values that this type of quantization can have"))),
      m_blocksize(makeCombo(tr("Blocksize"), tr("How many weights share a scale: each is divided by the largest of its "
                                                "block"))),
      m_facts(makeParagraph({}, LabelRole::Secondary)) {
    for (const QuantType type : kTypes)
        m_type->addItem(quantizationTitle(type), int(type));
    for (const int size : kBlocksizes)
        m_blocksize->addItem(tr("Blocks of %1").arg(size), size);
    m_blocksize->setCurrentIndex(m_blocksize->findData(kUsualBlocksize));
    addControl(m_type);
    addControl(m_blocksize);
    m_histogram->setAxis(AxisKind::Number, tr("Value in its block"), tr("Weights"));
    m_histogram->setMinimumHeight(kChartHeight);
    body()->addWidget(m_facts);
    connect(m_type, qOverload<int>(&QComboBox::activated), this, &ModelWeightsCard::showLevels);
    connect(m_blocksize, qOverload<int>(&QComboBox::activated), this, &ModelWeightsCard::blocksizeChosen);
    showLevels();
}

int ModelWeightsCard::blocksize() const {
    return m_blocksize->currentData().toInt();
}

void ModelWeightsCard::setTensor(const QString& name) {
    m_facts->setText(name);
    m_histogram->setBins({});
}

void ModelWeightsCard::showLevels() {
    const std::vector<float> levels = quantizationLevels(QuantType(m_type->currentData().toInt()));
    m_histogram->setLevels({levels.begin(), levels.end()});
}

void ModelWeightsCard::setHistogram(const TensorHistogram& histogram) {
    std::vector<HistogramBin> bins(histogram.counts.size());
    const double width = 2.0 / double(std::max<size_t>(1, bins.size()));
    for (size_t i = 0; i < bins.size(); ++i)
        bins[i] = {-1.0 + double(i) * width, -1.0 + double(i + 1) * width, double(histogram.counts[i])};
    m_histogram->setBins(std::move(bins));
    const auto number = [](double value) { return QLocale().toString(value, 'g', 3); };
    QString facts = tr("%1 values from %2 to %3, mean %4, standard deviation %5")
                        .arg(formatCount(histogram.values), number(histogram.minimum), number(histogram.maximum),
                             number(histogram.mean), number(histogram.standardDeviation));
    if (histogram.notFinite > 0)
        facts += tr("; %1 are not finite").arg(formatCount(histogram.notFinite));
    m_facts->setText(facts);
}

void ModelWeightsCard::setProblem(const QString& why) {
    m_histogram->setBins({});
    m_facts->setText(why);
}

} // namespace lorikeet::ui
