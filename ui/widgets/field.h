// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;

namespace lorikeet::ui {

class ResetDot;

enum class FieldState { Fine, Warning, Error };

/// A control with its label above: beside the label a dot where the value differs from its default (a click resets
/// it), and on the right the allowed range where the value is out of it. Takes the control as its own.
class Field : public QWidget {
    Q_OBJECT
public:
    /// `explanation`: what the setting is and what raising or lowering it does, in a sentence; the tool tip of label
    /// and control, and what F1 shows.
    Field(const QString& label, QWidget* control, const QString& explanation, QWidget* parent = nullptr);

    QWidget* control() const { return m_control; }
    void setDiffers(bool differs, const QString& defaultText = {});
    void setState(FieldState state, const QString& hint = {});

signals:
    void resetWanted();

private:
    QWidget* m_control;
    ResetDot* m_dot;
    QLabel* m_hint;
};

} // namespace lorikeet::ui
