// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_perplexity_card.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QMenu>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "ui/charts/group_chart.h"
#include "ui/models/error_table_model.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kChartHeight = 220;
constexpr QuantType kOrder[] = {QuantType::None, QuantType::Int8, QuantType::Nf4, QuantType::Fp4, QuantType::Int4};

QString typeTitle(const PerplexityCase& one) {
    return one.spec.type == QuantType::None ? ModelPerplexityCard::tr("%1-bit").arg(std::lround(one.bitsPerParameter))
                                            : quantizationTitle(one.spec.type);
}

QString decimals(double value, int count) {
    return QLocale().toString(value, 'f', count);
}

GroupPoint pointOf(const PerplexityCase& one) {
    const QString perplexity = decimals(one.perplexity, 3), bits = decimals(one.bitsPerParameter, 2);
    if (one.spec.type == QuantType::None)
        return {{},
                ModelPerplexityCard::tr("Not quantized: perplexity %1, %2 bits a weight").arg(perplexity, bits),
                one.perplexity};
    return {QString::number(one.spec.blocksize),
            ModelPerplexityCard::tr("%1, blocks of %2: perplexity %3, %4 bits a weight")
                .arg(typeTitle(one), QString::number(one.spec.blocksize), perplexity, bits),
            one.perplexity};
}

/// By type, from the most bits on; within one by bits, the fewest first.
std::vector<PointGroup> groupsOf(std::vector<PerplexityCase> cases) {
    std::ranges::stable_sort(cases, {}, [](const PerplexityCase& one) {
        return std::pair(std::ranges::find(kOrder, one.spec.type) - std::begin(kOrder), one.bitsPerParameter);
    });
    std::vector<PointGroup> groups;
    double fewest = 0.0;
    for (const PerplexityCase& one : cases) {
        if (groups.empty() || groups.back().name != typeTitle(one)) {
            groups.push_back({typeTitle(one), {}, {}});
            fewest = one.bitsPerParameter;
        }
        PointGroup& group = groups.back();
        group.points.push_back(pointOf(one));
        const bool isOne = group.points.size() == 1;
        group.note = isOne
                         ? decimals(fewest, 2)
                         : ModelPerplexityCard::tr("%1–%2").arg(decimals(fewest, 2), decimals(one.bitsPerParameter, 2));
    }
    return groups;
}

ChartTable tableOf(const std::vector<PerplexityCase>& cases) {
    ChartTable table;
    table.columns = {{ModelPerplexityCard::tr("Type"), AxisKind::Count, {}, {}},
                     {ModelPerplexityCard::tr("Blocksize"), AxisKind::Count, {}, {}},
                     {ModelPerplexityCard::tr("Bits a weight"), AxisKind::Number, {}, {}},
                     {ModelPerplexityCard::tr("Error, %"), AxisKind::Number, {}, {}},
                     {ModelPerplexityCard::tr("Perplexity"), AxisKind::Loss, {}, {}}};
    for (const PerplexityCase& one : cases) {
        table.columns[0].values.push_back(double(table.columns[0].values.size()));
        table.columns[0].texts.append(typeTitle(one));
        const bool isQuantized = one.spec.type != QuantType::None;
        table.columns[1].values.push_back(isQuantized ? double(one.spec.blocksize) : qQNaN());
        table.columns[2].values.push_back(one.bitsPerParameter);
        table.columns[3].values.push_back(one.relativeError ? 100.0 * *one.relativeError : qQNaN());
        table.columns[4].values.push_back(one.perplexity);
    }
    return table;
}

} // namespace

ModelPerplexityCard::ModelPerplexityCard(QWidget* parent)
    : ModelPerplexityCard(new GroupChart(tr("Perplexity by type and bits a weight")), parent) {}

ModelPerplexityCard::ModelPerplexityCard(GroupChart* chart, QWidget* parent)
    : ChartCard(tr("Perplexity when quantized"), chart, parent), m_chart(chart),
      m_text(makeButton({}, ButtonKind::Normal, {}, ControlSize::Compact)),
      m_compare(makeButton(tr("Compare quantizations"), ButtonKind::Normal, {}, ControlSize::Compact)),
      m_cancel(makeButton(tr("Cancel"), ButtonKind::Link)), m_note(makeParagraph({}, LabelRole::Secondary)) {
    m_chart->setMinimumHeight(kChartHeight);
    m_chart->setHint(tr("How well the model predicts a text in each type and blocksize:\nlower is better."));
    body()->addWidget(makeFoot());
    connect(m_compare, &QPushButton::clicked, this, [this] {
        setIsMeasuring(true);
        emit wanted();
    });
    connect(m_cancel, &QPushButton::clicked, this, &ModelPerplexityCard::cancelWanted);
    setTextFile({});
    reset({});
}

QWidget* ModelPerplexityCard::makeFoot() {
    auto* foot = new QWidget;
    auto* lines = new QVBoxLayout(foot);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(metrics::kGrid);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kGrid);
    m_text->setToolTip(tr("The text whose tokens the model predicts, 2,048 of them from its beginning"));
    auto* menu = new QMenu(m_text);
    menu->addAction(tr("Starter dataset"), this, [this] { setTextFile({}); });
    menu->addAction(tr("A text file…"), this, &ModelPerplexityCard::chooseText);
    m_text->setMenu(menu);
    line->addWidget(m_text);
    line->addStretch(1);
    m_cancel->setAccessibleName(tr("Cancel the comparison of quantizations"));
    m_cancel->setToolTip(tr("Stop measuring; what is known stays"));
    line->addWidget(m_cancel);
    line->addWidget(m_compare);
    lines->addLayout(line);
    lines->addWidget(m_note);
    return foot;
}

void ModelPerplexityCard::setTextFile(const QString& path) {
    m_textFile = path;
    const QString name = path.isEmpty() ? tr("Starter dataset") : QFileInfo(path).fileName();
    const QString shown = fontMetrics().elidedText(name, Qt::ElideMiddle, kChartHeight);
    m_text->setText(tr("Text: %1").arg(literalText(shown)));
    m_text->setAccessibleName(tr("Text to predict: %1").arg(name));
}

void ModelPerplexityCard::chooseText() {
    auto* dialog = new QFileDialog(this, tr("Choose a text"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Texts (*.txt *.md)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &ModelPerplexityCard::setTextFile);
    dialog->open();
}

void ModelPerplexityCard::setIsMeasuring(bool isMeasuring) {
    m_compare->setEnabled(!isMeasuring);
    m_text->setEnabled(!isMeasuring);
    m_cancel->setVisible(isMeasuring);
}

void ModelPerplexityCard::reset(const QString& why) {
    setIsMeasuring(false);
    m_isMeasured = false;
    showCases({});
    m_note->setText(why);
    m_note->setVisible(!why.isEmpty());
    m_compare->setEnabled(why.isEmpty());
    m_compare->setToolTip(why.isEmpty() ? tr("Load the model in each type and blocksize and measure its perplexity")
                                        : why);
}

void ModelPerplexityCard::setProgress(double done, const std::vector<PerplexityCase>& cases) {
    setIsMeasuring(true);
    showCases(cases);
    m_note->setText(tr("Measuring, %1").arg(formatShare(done)));
    m_note->show();
}

void ModelPerplexityCard::setStudy(const PerplexityStudy& study) {
    setIsMeasuring(false);
    m_isMeasured = true;
    showCases(study.cases);
    m_note->setText(tr("%1 tokens, %2 at once, with double quantization. Below each type: bits a weight, beside each "
                       "point: weights in a block.")
                        .arg(formatCount(study.tokens), formatCount(study.window)));
    m_note->show();
}

void ModelPerplexityCard::setNotStudied(const QString& why) {
    setIsMeasuring(false);
    m_note->setText(why.isEmpty() ? tr("Cancelled.") : why);
    m_note->show();
}

void ModelPerplexityCard::showCases(const std::vector<PerplexityCase>& cases) {
    if (cases.size() == size_t(m_chart->table().rows()) && !cases.empty())
        return;
    m_chart->setGroups(groupsOf(cases), tableOf(cases));
    const auto plain =
        std::ranges::find_if(cases, [](const PerplexityCase& one) { return one.spec.type == QuantType::None; });
    m_chart->setReference(plain == cases.end() ? std::nullopt : std::optional(plain->perplexity));
}

} // namespace lorikeet::ui
