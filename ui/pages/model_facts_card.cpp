// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_facts_card.h"

#include <QGridLayout>

#include "ui/models/model_table_model.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kFactColumns = 4;

} // namespace

ModelFactsCard::ModelFactsCard(QWidget* parent) : Card(tr("Configuration"), parent), m_grid(new QGridLayout) {
    m_grid->setHorizontalSpacing(metrics::kGap);
    m_grid->setVerticalSpacing(metrics::kGrid);
    body()->addLayout(m_grid);
}

void ModelFactsCard::setFacts(const ModelInspection& facts) {
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const ModelConfig& config = facts.config;
    const QString heads = config.kvHeads == config.heads ? QString::number(config.heads)
                                                         : tr("%1, %2 for keys").arg(config.heads).arg(config.kvHeads);
    const QList<std::pair<QString, QString>> lines = {
        {tr("Family"), QString::fromStdString(config.architecture)},
        {tr("Parameters"), formatBig(facts.parameters)},
        {tr("Format"), modelFormat(facts)},
        {tr("Layers"), formatCount(config.layers)},
        {tr("Hidden size"), formatCount(config.hiddenSize)},
        {tr("Feed-forward size"), formatCount(config.intermediateSize)},
        {tr("Heads"), heads},
        {tr("Head size"), formatCount(config.headDim)},
        {tr("Context"), tr("%1 tokens").arg(formatCount(config.maxPositions))},
        {tr("Vocabulary"), formatCount(config.vocabularySize)},
        {tr("Tokenizer"), facts.hasTokenizer ? tr("Yes") : tr("None: cannot be trained")},
        {tr("Chat template"), facts.hasChatTemplate ? tr("Yes") : tr("None")},
        {tr("License"), modelLicense(facts)},
    };
    for (int i = 0; i < lines.size(); ++i) {
        auto* pair = new QWidget;
        auto* layout = new QVBoxLayout(pair);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        layout->addWidget(makeLabel(lines[i].first, LabelRole::Secondary));
        QLabel* value = makeLabel(lines[i].second, LabelRole::Value);
        value->setAccessibleName(lines[i].first);
        layout->addWidget(value);
        m_grid->addWidget(pair, i / kFactColumns, i % kFactColumns);
        m_grid->setColumnStretch(i % kFactColumns, 1);
    }
}

} // namespace lorikeet::ui
