// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_table_card.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>

#include <algorithm>
#include <utility>

#include "ui/charts/chart_export.h"
#include "ui/pages/compare_answers.h"
#include "ui/pages/compare_model.h"
#include "ui/pages/compare_table.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

CompareTableCard::CompareTableCard(std::shared_ptr<Workshop> workshop, QWidget* parent)
    : Card(tr("Settings and results"), parent), m_model(new ComparisonModel(this)),
      m_answers(new CompareAnswers(std::move(workshop), this)),
      m_table(new CompareTable(tr("Settings and results of the compared runs"), tr("Setting"))),
      m_answerTable(new CompareTable(tr("Answers of the compared runs"), {})),
      m_differencesOnly(new QCheckBox(tr("Differences only"))), m_count(makeLabel({}, LabelRole::Secondary)) {
    makeHead();
    setFlushBody();
    body()->setSpacing(0);
    m_table->setModel(m_model);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // it follows that of the answers
    m_answerTable->setWrapsText();
    m_answerTable->setModel(m_answers);
    body()->addWidget(makeHairline());
    body()->addWidget(m_table);
    body()->addWidget(makeAnswerBar());
    body()->addWidget(makeHairline());
    body()->addWidget(m_answerTable);
    connectParts();
    updateAsking();
}

void CompareTableCard::makeHead() {
    head()->insertWidget(1, m_count);
    auto* dot = makeLabel(QStringLiteral("●"), LabelRole::Secondary);
    setTone(dot, LabelTone::Accent);
    head()->addWidget(dot);
    head()->addWidget(makeLabel(tr("differs from the reference"), LabelRole::Secondary));
    m_differencesOnly->setAccessibleName(m_differencesOnly->text());
    m_differencesOnly->setToolTip(tr("Leave out the settings that all compared runs have in common"));
    m_differencesOnly->setChecked(true);
    head()->addWidget(m_differencesOnly);
}

QWidget* CompareTableCard::makeAnswerBar() {
    auto* bar = new QWidget;
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(metrics::kGap, metrics::kInside, metrics::kGap, metrics::kInside);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(makeLabel(tr("Answers to"), LabelRole::BodySecondary));
    m_prompt = new QLineEdit;
    m_prompt->setProperty("compact", true);
    m_prompt->setPlaceholderText(tr("A prompt for all of them"));
    m_prompt->setAccessibleName(tr("Prompt that all compared runs answer"));
    m_prompt->setToolTip(tr("Each run's model answers it with its last adapter, one after the other"));
    layout->addWidget(m_prompt, 1);
    layout->addWidget(
        makeLabel(tr("Greedy, seed %1, last checkpoint").arg(CompareAnswers::kSeed), LabelRole::Secondary));
    m_ask = makeButton(tr("Ask all"), ButtonKind::Normal, {}, ControlSize::Compact);
    layout->addWidget(m_ask);
    return bar;
}

void CompareTableCard::connectParts() {
    connect(m_differencesOnly, &QCheckBox::toggled, this, &CompareTableCard::applyRows);
    connect(m_prompt, &QLineEdit::textChanged, this, &CompareTableCard::updateAsking);
    connect(m_prompt, &QLineEdit::returnPressed, m_ask, &QPushButton::click);
    connect(m_answers, &CompareAnswers::askingChanged, this, &CompareTableCard::updateAsking);
    connect(m_ask, &QPushButton::clicked, this, [this] {
        if (m_answers->isAsking())
            m_answers->stop();
        else
            m_answers->ask(m_prompt->text());
    });
    connect(m_answerTable->horizontalScrollBar(), &QScrollBar::valueChanged, m_table->horizontalScrollBar(),
            &QScrollBar::setValue);
    connect(m_table->horizontalScrollBar(), &QScrollBar::valueChanged, m_answerTable->horizontalScrollBar(),
            &QScrollBar::setValue);
}

void CompareTableCard::setRuns(const QStringList& runs) {
    m_answers->setRuns(runs);
    m_loadedRuns = -1;
}

void CompareTableCard::show(std::vector<ComparedHead> heads, const std::vector<const RunHistory*>& runs, int loaded) {
    if (loaded != std::exchange(m_loadedRuns, loaded)) {
        std::vector<const RunRecord*> records;
        for (const RunHistory* run : runs)
            records.push_back(&run->record);
        m_settings = settingRows(records);
    }
    const auto differing = std::ranges::count_if(m_settings, &ComparisonRow::differs);
    m_count->setText(runs.size() < 2 ? tr("Add a run to compare with")
                                     : tr("%1 of %2 settings differ").arg(differing).arg(m_settings.size()));
    m_results = resultRows(runs);
    m_model->setHeads(std::move(heads));
    applyRows();
}

void CompareTableCard::applyRows() {
    std::vector<ComparisonRow> rows;
    for (const ComparisonRow& row : m_settings)
        if (!m_differencesOnly->isChecked() || row.differs())
            rows.push_back(row);
    rows.insert(rows.end(), m_results.begin(), m_results.end());
    m_model->setRows(std::move(rows));
}

void CompareTableCard::updateAsking() {
    const bool isAsking = m_answers->isAsking();
    const bool canAsk = !m_prompt->text().trimmed().isEmpty();
    m_ask->setText(isAsking ? tr("Stop") : tr("Ask all"));
    m_ask->setAccessibleName(m_ask->text());
    m_ask->setEnabled(isAsking || canAsk);
    m_ask->setToolTip(isAsking ? tr("Stop; what has been written stays")
                      : canAsk ? tr("Let each run answer the prompt")
                               : tr("Write a prompt first"));
}

QByteArray CompareTableCard::csv() const {
    QByteArray bytes = csvCell(tr("Setting"));
    for (const ComparedHead& head : m_model->heads())
        bytes += ',' + csvCell(head.title);
    bytes += '\n';
    for (const ComparisonRow& row : m_model->rows()) {
        if (row.kind == ComparisonRow::Kind::Section)
            continue;
        bytes += csvCell(row.key.isEmpty() ? row.title : row.key);
        for (const ComparisonCell& cell : row.cells)
            bytes += ',' + csvCell(cell.text);
        bytes += '\n';
    }
    return bytes;
}

} // namespace lorikeet::ui
