// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>

#include <functional>

#include "ui/widgets/field.h"
#include "ui/widgets/number_edit.h"

namespace lorikeet {
struct RunCheck;
}

namespace lorikeet::ui {

class RunDraft;
class SegmentedControl;

/// A check box with the dot of a setting that differs, as high as a field's control.
class CheckField : public QWidget {
    Q_OBJECT
public:
    CheckField(const QString& label, const QString& explanation, QWidget* parent = nullptr);

    void setChecked(bool checked);
    void setDiffers(bool differs, const QString& defaultText);

signals:
    void toggled(bool checked);
    void resetWanted();

private:
    class QCheckBox* m_box;
    class ResetDot* m_dot;
};

/// Makes the controls of settings and keeps each in step with the draft: what is typed goes there, what changes there
/// is shown; mistakes and problems are marked where they are.
class SettingControls : public QObject {
    Q_OBJECT
public:
    explicit SettingControls(RunDraft& draft, QObject* parent = nullptr);

    Field* number(const QString& key, NumberRule rule);
    /// A drop-down list of settingChoices().
    Field* choice(const QString& key);
    /// The same as buttons side by side; without the words in `without`.
    Field* segments(const QString& key, const QStringList& without = {});
    CheckField* toggle(const QString& key);
    /// A line of text.
    Field* line(const QString& key);

    /// What keeps a control in step that the caller has made.
    struct Binding {
        QString key;
        std::function<void(const QString&)> show = {};             ///< the value, as RunSetting has it
        std::function<void(bool, const QString&)> setDiffers = {}; ///< with the default for reading; may be empty
        Field* field = nullptr;           ///< where mistakes and problems are marked; may be null
        const NumberRule* rule = nullptr; ///< whose range is told; may be null
    };
    void bind(Binding binding);
    /// The same, with the dot of the field for the setting.
    void bind(const QString& key, Field* field, std::function<void(const QString&)> show);
    /// Sends what a number edit says to the setting.
    void connectNumber(const QString& key, NumberEdit* edit);
    /// Marks the fields that problems are about.
    void showProblems(const RunCheck& check);

private:
    void refresh();
    void mark();

    RunDraft& m_draft;
    QList<Binding> m_bindings;
    QHash<QString, NumberEdit*> m_numbers;
    QHash<QString, FieldState> m_problems; ///< by key
};

} // namespace lorikeet::ui
