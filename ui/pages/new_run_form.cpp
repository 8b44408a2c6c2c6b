// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/new_run_form.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/jobs/model_library.h"
#include "core/jobs/run_check.h"
#include "ui/models/phrase_text.h"
#include "ui/pages/navigator.h"
#include "ui/pages/new_run_cards.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/new_run_source.h"
#include "ui/pages/setting_words.h"
#include "ui/session/studio.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

const QString kModel = QStringLiteral("model");
const QString kTrain = QStringLiteral("data.train");

/// The error about one of these keys, in words; empty where there is none.
QString errorAbout(const RunCheck& check, const QString& key) {
    for (const RunProblem& problem : check.problems)
        if (problem.severity == ProblemSeverity::Error && key == QString::fromStdString(problem.key))
            return phraseText(problem.title, problem.detail);
    return {};
}

/// Opens a dialog that chooses a file or a folder, beside everything else that goes on.
void browse(QWidget* parent, QFileDialog::FileMode mode, const QString& title, const QString& filter,
            const std::function<void(const QString&)>& chosen) {
    auto* dialog = new QFileDialog(parent, title, {}, filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(mode);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, chosen);
    dialog->open();
}

} // namespace

NewRunForm::NewRunForm(RunDraft& draft, Studio& studio, Navigator& navigator, QWidget* parent)
    : QWidget(parent), m_draft(draft), m_studio(studio), m_controls(draft) {
    setProperty("role", QStringLiteral("content"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGap);
    layout->addWidget(makeSources(navigator));
    m_method = new MethodCard(draft, m_controls);
    m_lora = new LoraCard(draft, m_controls);
    m_training = new TrainingCard(draft, m_controls);
    m_advanced = {makeRowsCard(m_controls), makeWatchingCard(draft, m_controls), makeComputingCard(m_controls)};
    layout->addWidget(m_method);
    layout->addWidget(m_lora);
    layout->addWidget(m_training);
    for (Card* card : qAsConst(m_advanced))
        layout->addWidget(card);
    connect(&draft, &RunDraft::changed, this, &NewRunForm::showSources);
    connect(&draft, &RunDraft::changed, this, &NewRunForm::showMethod);
    connect(&studio, &Studio::modelsChanged, this, &NewRunForm::loadModels);
    connect(&studio, &Studio::datasetsChanged, this, &NewRunForm::loadDatasets);
    loadModels();
    loadDatasets();
}

QWidget* NewRunForm::makeSources(Navigator& navigator) {
    auto* box = new QWidget;
    auto* layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGap);
    m_model = new SourceCard(settingTitle(kModel), settingExplanation(kModel), tr("Choose a model, or type a path"),
                             tr("Inspect"));
    m_data = new SourceCard(settingTitle(kTrain), settingExplanation(kTrain), tr("Choose a dataset, or type a path"),
                            tr("Preview what is trained"));
    layout->addWidget(m_model, 1);
    layout->addWidget(m_data, 1);
    connect(m_model, &SourceCard::chosen, this, &NewRunForm::chooseModel);
    connect(m_data, &SourceCard::chosen, this, &NewRunForm::chooseDataset);
    connect(m_model, &SourceCard::linkClicked, &navigator,
            [this, &navigator] { emit navigator.modelWanted(m_model->entryName()); });
    connect(m_data, &SourceCard::linkClicked, &navigator,
            [this, &navigator] { emit navigator.datasetWanted(m_data->entryName()); });
    connect(m_model->browseButton(), &QToolButton::clicked, this, &NewRunForm::browseModel);
    connect(m_data->browseButton(), &QToolButton::clicked, this, [this] {
        browse(this, QFileDialog::ExistingFile, tr("Choose a dataset"),
               tr("Datasets (*.jsonl *.json *.csv *.txt);;All files (*)"),
               [this](const QString& path) { chooseDataset(path); });
    });
    return box;
}

void NewRunForm::browseModel() {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("A model's folder…"), this, [this] {
        browse(this, QFileDialog::Directory, tr("Choose a model's folder"), {},
               [this](const QString& path) { chooseModel(path); });
    });
    menu->addAction(tr("A GGUF file…"), this, [this] {
        browse(this, QFileDialog::ExistingFile, tr("Choose a GGUF file"), tr("GGUF models (*.gguf)"),
               [this](const QString& path) { chooseModel(path); });
    });
    const QToolButton* button = m_model->browseButton();
    menu->popup(button->mapToGlobal(button->rect().bottomLeft()));
}

void NewRunForm::loadModels() {
    m_modelsTask = runInBackground(
        this, [workshop = m_studio.workshop()](std::stop_token) { return listModels(workshop->folder()); },
        [this](const std::vector<LibraryModel>& models) {
            QList<SourceCard::Entry> entries;
            for (const LibraryModel& model : models)
                if (model.isThere)
                    entries.append({QString::fromStdString(model.name), QString::fromStdString(model.name)});
            m_model->setEntries(entries);
        },
        [this](const Failure& why) { m_model->setFacts(why.message, LabelTone::Danger); });
}

void NewRunForm::loadDatasets() {
    m_datasetsTask = runInBackground(
        this, [workshop = m_studio.workshop()](std::stop_token) { return listDatasets(workshop->folder()); },
        [this](const std::vector<LibraryDataset>& datasets) {
            m_datasets = datasets;
            QList<SourceCard::Entry> entries;
            for (const LibraryDataset& dataset : m_datasets)
                if (dataset.isThere)
                    entries.append({QString::fromStdString(dataset.name), QString::fromStdString(dataset.data.train)});
            m_data->setEntries(entries);
        },
        [this](const Failure& why) { m_data->setFacts(why.message, LabelTone::Danger); });
}

void NewRunForm::showSources() {
    m_model->setValue(QString::fromStdString(m_draft.config().model));
    m_data->setValue(QString::fromStdString(m_draft.config().data.train));
}

void NewRunForm::chooseModel(const QString& value) {
    RunConfig config = m_draft.config();
    config.model = value.toStdString();
    m_draft.edit(config, kModel);
}

void NewRunForm::chooseDataset(const QString& value) {
    RunConfig config = m_draft.config();
    DataConfig& rows = config.data;
    const std::string path = value.toStdString();
    if (rows.train == path)
        return;
    const auto known = std::find_if(m_datasets.begin(), m_datasets.end(),
                                    [&](const LibraryDataset& dataset) { return dataset.data.train == path; });
    // How rows are read goes with them; how they are used stays.
    const DataConfig reading = known == m_datasets.end() ? DataConfig() : known->data;
    rows.train = path;
    rows.format = reading.format;
    rows.columns = reading.columns;
    rows.chatTemplate = reading.chatTemplate;
    rows.trainOn = reading.trainOn;
    m_draft.edit(config, kTrain);
}

void NewRunForm::setAdvanced(bool advanced) {
    for (Card* card : qAsConst(m_advanced))
        card->setVisible(advanced);
    m_lora->setAdvanced(advanced);
    m_training->setAdvanced(advanced);
    m_isAdvanced = advanced;
    showMethod();
}

void NewRunForm::showMethod() {
    const bool isFull = m_draft.config().method == Method::Full;
    m_lora->setVisible(!isFull);
    m_method->setVisible(m_isAdvanced || isFull); // in its place
}

void NewRunForm::showCheck(const RunCheck& check) {
    m_controls.showProblems(check);
    m_method->showCheck(check);
    m_lora->showCheck(check);
    m_training->showCheck(check);
    showModel(check);
    showData(check);
}

void NewRunForm::showModel(const RunCheck& check) {
    const QString error = errorAbout(check, kModel);
    if (m_draft.config().model.empty()) {
        m_model->setFacts(tr("One of the library, a model's folder or a GGUF file; it can be dropped here."),
                          LabelTone::Plain);
    } else if (!error.isEmpty() || !check.model) {
        m_model->setFacts(error, LabelTone::Danger);
    } else {
        const ModelFacts& facts = *check.model;
        m_model->setFacts(tr("%1 parameters, %2 %3, %4 on disk")
                              .arg(formatBig(facts.parameters),
                                   facts.path.extension() == ".gguf" ? tr("GGUF") : tr("safetensors"),
                                   QString::fromStdString(facts.storedType), formatFileSize(facts.bytes)),
                          LabelTone::Plain);
    }
}

void NewRunForm::showData(const RunCheck& check) {
    const QString error = errorAbout(check, kTrain);
    if (m_draft.config().data.train.empty()) {
        m_data->setFacts(tr("One of the library, or a file of rows (JSONL, JSON, CSV); it can be dropped here."),
                         LabelTone::Plain);
    } else if (!error.isEmpty()) {
        m_data->setFacts(error, LabelTone::Danger);
    } else if (!check.data) {
        m_data->setFacts(check.model ? tr("The rows have not been read yet.") : tr("Its rows are read with a model."),
                         LabelTone::Plain);
    } else {
        const DataFacts& facts = *check.data;
        QStringList parts = {facts.rows == 1 ? tr("1 row") : tr("%1 rows").arg(formatCount(facts.rows)),
                             settingText(QStringLiteral("data.format"), QString::fromStdString(facts.format)).toLower(),
                             m_draft.config().data.trainOn == TrainOn::All ? tr("everything trained")
                                                                           : tr("answers trained"),
                             tr("%1 cut off").arg(formatCount(facts.truncated))};
        if (facts.skipped > 0)
            parts.append(tr("%1 skipped").arg(formatCount(facts.skipped)));
        m_data->setFacts(parts.join(QStringLiteral(", ")), LabelTone::Plain);
    }
}

} // namespace lorikeet::ui
