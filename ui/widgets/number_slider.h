// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QSlider;
class QToolButton;

namespace lorikeet::ui {

/// A number that is dragged or typed: label and box in a line, the slider below. A dot beside the label where the value
/// differs from its default; a click on it resets it.
class NumberSlider : public QWidget {
    Q_OBJECT
public:
    struct Range {
        double least, most, step, standard;
        int decimals = 2;
    };
    /// `explanation`: what the number is and what raising or lowering it does.
    NumberSlider(const QString& label, const Range& range, const QString& explanation, QWidget* parent = nullptr);

    double value() const;
    /// Does not emit.
    void setValue(double value);
    QDoubleSpinBox* box() const { return m_box; }
    QSlider* slider() const { return m_slider; }

signals:
    /// The user has changed it.
    void changed(double value);

private:
    void showDifference();

    Range m_range;
    QDoubleSpinBox* m_box;
    QSlider* m_slider;
    QToolButton* m_dot;
};

} // namespace lorikeet::ui
