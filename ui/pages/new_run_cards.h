// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <optional>

#include "ui/widgets/card.h"

class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace lorikeet {
struct RunCheck;
}

namespace lorikeet::ui {

class Field;
class FlowLayout;
class NumberEdit;
class RunDraft;
class SegmentedControl;
class SettingControls;

/// How the base is stored: QLoRA with its data type and blocks, or LoRA over the base as it is.
class MethodCard : public Card {
    Q_OBJECT
public:
    MethodCard(RunDraft& draft, SettingControls& controls, QWidget* parent = nullptr);

private:
    QString m_lastType = QStringLiteral("nf4"); ///< of QLoRA, to come back to
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
    QWidget* makeOrigin(SettingControls& controls);
    void showTargets();
    void onChip();

    RunDraft& m_draft;
    QLabel* m_facts;
    QList<QWidget*> m_advanced;
    QStringList m_modules; ///< of the model
    QString m_targets;     ///< as RunSetting has them
    QWidget* m_chipBox;
    FlowLayout* m_chips;
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

/// What becomes of the rows.
Card* makeRowsCard(SettingControls& controls);
/// Curves, evaluations, samples, checkpoints.
Card* makeWatchingCard(RunDraft& draft, SettingControls& controls);
/// The optimizer and the device.
Card* makeComputingCard(SettingControls& controls);

} // namespace lorikeet::ui
