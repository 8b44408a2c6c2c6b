// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <vector>

#include "core/jobs/dataset_library.h"
#include "ui/pages/setting_controls.h"
#include "ui/session/background.h"

namespace lorikeet::ui {

class Card;
class LoraCard;
class MethodCard;
class Navigator;
class RunDraft;
class SourceCard;
class Studio;
class TrainingCard;

/// The cards that edit a run: where model and rows come from, and every setting.
class NewRunForm : public QWidget {
    Q_OBJECT
public:
    NewRunForm(RunDraft& draft, Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

    void setAdvanced(bool advanced);
    void showCheck(const RunCheck& check);

private:
    QWidget* makeSources(Navigator& navigator);
    void loadModels();
    void loadDatasets();
    void showSources();
    void showMethod();
    void chooseModel(const QString& value);
    void chooseDataset(const QString& value);
    void browseModel();
    void showModel(const RunCheck& check);
    void showData(const RunCheck& check);

    RunDraft& m_draft;
    Studio& m_studio;
    SettingControls m_controls;
    SourceCard *m_model, *m_data;
    MethodCard* m_method;
    LoraCard* m_lora;
    TrainingCard* m_training;
    QList<Card*> m_advanced;
    bool m_isAdvanced = true;
    std::vector<LibraryDataset> m_datasets;
    BackgroundTask m_modelsTask, m_datasetsTask;
};

} // namespace lorikeet::ui
