// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/setting_controls.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSignalBlocker>

#include "core/jobs/run_check.h"
#include "core/train/run_settings.h"
#include "ui/pages/new_run_draft.h"
#include "ui/pages/setting_words.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/reset_dot.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

/// Of a learning rate that a finetune of a language model usually has.
QString usualRange(const QString& key) {
    return key == QLatin1String("training.learning_rate") ? SettingControls::tr("1e-5 to 5e-4") : QString();
}

} // namespace

CheckField::CheckField(const QString& label, const QString& explanation, QWidget* parent)
    : QWidget(parent), m_box(new QCheckBox(label)), m_dot(new ResetDot) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kInside);
    layout->addWidget(m_box);
    layout->addWidget(m_dot);
    layout->addStretch(1);
    setMinimumHeight(metrics::kControl);
    m_box->setAccessibleName(label);
    m_box->setAccessibleDescription(explanation);
    m_box->setToolTip(explanation);
    m_box->setWhatsThis(explanation);
    connect(m_box, &QCheckBox::clicked, this, &CheckField::toggled);
    connect(m_dot, &ResetDot::clicked, this, &CheckField::resetWanted);
}

void CheckField::setChecked(bool checked) {
    m_box->setChecked(checked);
}

void CheckField::setDiffers(bool differs, const QString& defaultText) {
    m_dot->setDiffers(differs, m_box->text(), defaultText);
}

SettingControls::SettingControls(RunDraft& draft, QObject* parent) : QObject(parent), m_draft(draft) {
    connect(&m_draft, &RunDraft::changed, this, &SettingControls::refresh);
    connect(&m_draft, &RunDraft::mistakesChanged, this, &SettingControls::mark);
}

void SettingControls::bind(Binding binding) {
    m_bindings.append(std::move(binding));
}

void SettingControls::bind(const QString& key, Field* field, std::function<void(const QString&)> show) {
    const auto setDiffers = [field](bool differs, const QString& byDefault) { field->setDiffers(differs, byDefault); };
    bind({key, std::move(show), setDiffers, field, nullptr});
    connect(field, &Field::resetWanted, &m_draft, [this, key] { m_draft.reset(key); });
}

void SettingControls::connectNumber(const QString& key, NumberEdit* edit) {
    m_numbers.insert(key, edit);
    connect(edit, &NumberEdit::edited, &m_draft, [this, key, edit] {
        if (const std::optional<QString> number = edit->number())
            m_draft.set(key, *number);
        else
            m_draft.setMistake(key, tr("%1: allowed is %2").arg(settingTitle(key), edit->rule().range()));
    });
    connect(edit, &NumberEdit::editingFinished, &m_draft, &RunDraft::settle);
}

Field* SettingControls::number(const QString& key, NumberRule rule) {
    auto* edit = new NumberEdit(std::move(rule));
    auto* field = new Field(settingTitle(key), edit, settingExplanation(key));
    connectNumber(key, edit);
    bind(key, field, [edit](const QString& value) { edit->setNumber(value); });
    m_bindings.last().rule = &edit->rule();
    return field;
}

Field* SettingControls::choice(const QString& key) {
    auto* box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(6);
    box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    box->setFocusPolicy(Qt::StrongFocus);
    for (const SettingChoice& choice : settingChoices(key))
        box->addItem(choice.title, choice.word);
    auto* field = new Field(settingTitle(key), box, settingExplanation(key));
    connect(box, &QComboBox::activated, &m_draft,
            [this, key, box] { m_draft.set(key, box->currentData().toString()); });
    bind(key, field, [box](const QString& value) { box->setCurrentIndex(box->findData(value)); });
    return field;
}

Field* SettingControls::segments(const QString& key, const QStringList& without) {
    QStringList words, titles;
    for (const SettingChoice& choice : settingChoices(key))
        if (!without.contains(choice.word)) {
            words.append(choice.word);
            titles.append(choice.title);
        }
    auto* control = new SegmentedControl(settingTitle(key), titles);
    control->setTight();
    auto* field = new Field(settingTitle(key), control, settingExplanation(key));
    connect(control, &SegmentedControl::chosen, &m_draft,
            [this, key, words](int index) { m_draft.set(key, words[index]); });
    bind(key, field, [control, words](const QString& value) { control->setCurrent(int(words.indexOf(value))); });
    return field;
}

CheckField* SettingControls::toggle(const QString& key) {
    auto* check = new CheckField(settingTitle(key), settingExplanation(key));
    connect(check, &CheckField::toggled, &m_draft, [this, key](bool checked) {
        m_draft.set(key, checked ? QStringLiteral("true") : QStringLiteral("false"));
    });
    connect(check, &CheckField::resetWanted, &m_draft, [this, key] { m_draft.reset(key); });
    bind({key, [check](const QString& value) { check->setChecked(value == QLatin1String("true")); },
          [check](bool differs, const QString& byDefault) { check->setDiffers(differs, byDefault); }});
    return check;
}

Field* SettingControls::line(const QString& key) {
    auto* edit = new QLineEdit;
    auto* field = new Field(settingTitle(key), edit, settingExplanation(key));
    connect(edit, &QLineEdit::textEdited, &m_draft, [this, key](const QString& text) { m_draft.set(key, text); });
    connect(edit, &QLineEdit::editingFinished, &m_draft, &RunDraft::settle);
    bind(key, field, [edit](const QString& value) {
        if (edit->text() != value)
            edit->setText(value);
    });
    return field;
}

void SettingControls::refresh() {
    QHash<QString, RunSetting> settings;
    for (RunSetting& setting : flatSettings(m_draft.config()))
        settings.insert(QString::fromStdString(setting.key), std::move(setting));
    for (const Binding& binding : qAsConst(m_bindings)) {
        const auto setting = settings.constFind(binding.key);
        const QString value = setting == settings.constEnd() ? QString() : QString::fromStdString(setting->value);
        const QString byDefault =
            setting == settings.constEnd() ? QString() : QString::fromStdString(setting->byDefault);
        if (!m_draft.mistakes().contains(binding.key))
            binding.show(value);
        if (binding.setDiffers)
            binding.setDiffers(value != byDefault, settingText(binding.key, byDefault));
    }
    mark();
}

void SettingControls::showProblems(const RunCheck& check) {
    m_problems.clear();
    for (const RunProblem& problem : check.problems) {
        const QString key = QString::fromStdString(problem.key);
        if (problem.severity != ProblemSeverity::Note && !m_problems.contains(key))
            m_problems.insert(key,
                              problem.severity == ProblemSeverity::Error ? FieldState::Error : FieldState::Warning);
    }
    mark();
}

void SettingControls::mark() {
    for (const Binding& binding : qAsConst(m_bindings)) {
        if (!binding.field)
            continue;
        FieldState state = m_problems.value(binding.key, FieldState::Fine);
        QString hint = state == FieldState::Warning ? usualRange(binding.key) : QString();
        if (m_draft.mistakes().contains(binding.key)) {
            state = FieldState::Error;
            hint = binding.rule ? binding.rule->range() : QString();
        }
        binding.field->setState(state, hint);
        if (NumberEdit* edit = m_numbers.value(binding.key); edit && edit != binding.field->control())
            setStyleProperty(edit, "state", binding.field->control()->property("state"));
    }
}

} // namespace lorikeet::ui
