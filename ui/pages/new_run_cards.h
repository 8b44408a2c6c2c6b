// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <optional>

#include "core/train/run_config.h"
#include "ui/widgets/card.h"

class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace lorikeet {
struct RunCheck;
}

namespace lorikeet::ui {

class Field;
class ModuleChips;
class NumberEdit;
class RunDraft;
class SegmentedControl;
class SettingControls;

/// What is trained: an adapter over a quantized base (QLoRA) or over the base as it is (LoRA), or every weight.
class MethodCard : public Card {
    Q_OBJECT
public:
    MethodCard(RunDraft& draft, SettingControls& controls, QWidget* parent = nullptr);

    void showCheck(const RunCheck& check);

private:
    enum Kind { QLora, Lora, Full }; // in the order of the buttons
    static Kind kindOf(const RunConfig& config);
    void choose(Kind kind);
    void showDraft();

    RunDraft& m_draft;
    QLabel *m_facts, *m_note;
    SegmentedControl* m_kind;
    Field* m_kindField;
    QList<QWidget*> m_quantization;
    Field* m_bits;                         ///< of automatic blocksizes
    QuantizationConfig m_lastQuantization; ///< to come back to
    LoraConfig m_lastLora;
};

/// The adapter: rank, alpha, dropout, the modules that get one.
class LoraCard : public Card {
    Q_OBJECT
public:
    LoraCard(RunDraft& draft, SettingControls& controls, QWidget* parent = nullptr);

    void setAdvanced(bool advanced);
    void showCheck(const RunCheck& check);

private:
    QWidget* makeTargets(SettingControls& controls);
    QWidget* makeSaved(SettingControls& controls);
    QWidget* makeOrigin(SettingControls& controls);
    void showTargets();
    void takeTargets();

    RunDraft& m_draft;
    QLabel* m_facts;
    QList<QWidget*> m_advanced;
    QStringList m_modules; ///< of the model
    QString m_targets;     ///< as RunSetting has them
    ModuleChips* m_targetChips;
    QPushButton* m_allLinear;
    QWidget* m_origin;
    QLabel* m_originText;
};

/// Learning rate, length, batch, what is evaluated.
class TrainingCard : public Card {
    Q_OBJECT
public:
    TrainingCard(RunDraft& draft, SettingControls& controls, QWidget* parent = nullptr);

    void setAdvanced(bool advanced);
    void showCheck(const RunCheck& check);

private:
    Field* makeLength(SettingControls& controls);
    Field* makeEffectiveBatch();
    void chooseLength(bool bySteps);
    void showLengthDot();
    void showBatch();

    RunDraft& m_draft;
    QLabel* m_facts;
    QList<QWidget*> m_advanced;
    Field* m_length;
    SegmentedControl* m_lengthKind;
    NumberEdit *m_epochs, *m_steps;
    bool m_stepsDiffer = false, m_epochsDiffer = false;
    std::optional<int64_t> m_foreseenSteps;
    QLineEdit* m_effectiveBatch;
};

/// "2.1 M parameters trained, 1.5 % of the model"; empty where it is not known.
QString trainedFacts(const RunCheck& check);
/// What becomes of the rows.
Card* makeRowsCard(SettingControls& controls);
/// Curves, evaluations, samples, checkpoints.
Card* makeWatchingCard(RunDraft& draft, SettingControls& controls);
/// The optimizer and the device.
Card* makeComputingCard(SettingControls& controls);

} // namespace lorikeet::ui
