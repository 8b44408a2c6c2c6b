// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/dataset_measure_card.h"

#include <QComboBox>
#include <QGridLayout>
#include <QSpinBox>

#include "ui/theme/tokens.h"
#include "ui/widgets/field.h"

namespace lorikeet::ui {
namespace {

constexpr int kShortest = 2, kLongest = 1 << 20; // tokens
constexpr int kLengthStep = 64;

QComboBox* makeCombo() {
    auto* combo = new QComboBox;
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(4);
    combo->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    return combo;
}

} // namespace

DatasetMeasureCard::DatasetMeasureCard(QWidget* parent)
    : Card(tr("Measured with"), parent), m_model(makeCombo()), m_template(makeCombo()), m_trainOn(makeCombo()),
      m_length(new QSpinBox) {
    m_template->addItem(tr("As the model has it"), int(TemplateChoice::Auto));
    m_template->addItem(tr("Chat, from model"), int(TemplateChoice::Chat));
    m_template->addItem(tr("Plain text"), int(TemplateChoice::Plain));
    m_trainOn->addItem(tr("Answers only"), int(TrainOn::Completions));
    m_trainOn->addItem(tr("Everything"), int(TrainOn::All));
    m_length->setRange(kShortest, kLongest);
    m_length->setSingleStep(kLengthStep);
    m_length->setKeyboardTracking(false);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::kGap);
    grid->setVerticalSpacing(metrics::kGrid + metrics::kInside);
    grid->addWidget(new Field(tr("Model"), m_model,
                              tr("The model whose tokenizer and chat template turn rows into tokens. Only these are "
                                 "opened, not its weights.")),
                    0, 0, 1, 2);
    grid->addWidget(new Field(tr("Template"), m_template,
                              tr("How a row becomes text: with the chat template that comes with the model, or its "
                                 "parts joined plainly.")),
                    1, 0);
    grid->addWidget(new Field(tr("Train on"), m_trainOn,
                              tr("Which tokens are learned: the answers alone, or the whole row with its prompt.")),
                    1, 1);
    grid->addWidget(new Field(tr("Sequence length"), m_length,
                              tr("Tokens of a row after which it is cut. More keeps longer rows whole and needs more "
                                 "memory.")),
                    2, 0);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    body()->addLayout(grid);
    connect(m_model, qOverload<int>(&QComboBox::activated), this, [this] { emit modelChosen(model()); });
    connect(m_template, qOverload<int>(&QComboBox::activated), this, &DatasetMeasureCard::edited);
    connect(m_trainOn, qOverload<int>(&QComboBox::activated), this, &DatasetMeasureCard::edited);
    connect(m_length, qOverload<int>(&QSpinBox::valueChanged), this, &DatasetMeasureCard::edited);
}

void DatasetMeasureCard::setModels(const QStringList& names) {
    const QString chosen = model();
    m_model->clear();
    for (const QString& name : names)
        m_model->addItem(name, name);
    if (names.isEmpty())
        m_model->addItem(tr("No model in the library"), QString());
    m_model->setEnabled(!names.isEmpty());
    chooseModel(chosen);
}

QString DatasetMeasureCard::model() const {
    return m_model->currentData().toString();
}

void DatasetMeasureCard::chooseModel(const QString& name) {
    m_model->setCurrentIndex(std::max(0, m_model->findData(name)));
}

void DatasetMeasureCard::setData(const DataConfig& config) {
    m_template->setCurrentIndex(m_template->findData(int(config.chatTemplate)));
    m_trainOn->setCurrentIndex(m_trainOn->findData(int(config.trainOn)));
    setLength(config.maxLength);
}

void DatasetMeasureCard::setUsesChatTemplate(bool uses) {
    m_template->setItemText(0, uses ? tr("Chat, as found") : tr("Plain, as found"));
}

void DatasetMeasureCard::setLength(int maxLength) {
    const QSignalBlocker quiet(m_length);
    m_length->setValue(maxLength);
}

DataConfig DatasetMeasureCard::applied(DataConfig config) const {
    config.chatTemplate = TemplateChoice(m_template->currentData().toInt());
    config.trainOn = TrainOn(m_trainOn->currentData().toInt());
    config.maxLength = m_length->value();
    return config;
}

} // namespace lorikeet::ui
