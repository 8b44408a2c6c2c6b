// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractSpinBox>

#include <optional>

namespace lorikeet::ui {

/// Which numbers may be typed, and how arrows go from one to the next.
struct NumberRule {
    enum class Step { Linear, Doubling, OneTwoFive };

    double low = 0.0;
    double high = 1e300;
    bool isLowAllowed = true;
    bool isHighAllowed = true;
    bool isWhole = true;
    Step step = Step::Linear;
    double stepSize = 1.0;  ///< of Linear
    QString emptyText = {}; ///< where not empty, there may be no number, which is shown as this
    bool isPercent = false; ///< the number is a share; it is typed and shown times 100

    /// "1 to 1,024", "above 0", "0 or more".
    QString range() const;
};

/// A field for a number in which anything can be typed, so that what is wrong can be told while it stands there.
/// Numbers are texts here, as in a run's file ("0.0002", "42", empty for none): whole ones keep all their digits.
class NumberEdit : public QAbstractSpinBox {
    Q_OBJECT
public:
    explicit NumberEdit(NumberRule rule, QWidget* parent = nullptr);

    const NumberRule& rule() const { return m_rule; }
    /// Absent where what stands there is no number that the rule allows.
    std::optional<QString> number() const;
    /// Shows a number, unless what stands there means the same. Does not emit edited().
    void setNumber(const QString& number);
    /// Shows the number as it would be written: "1,024" for "1024".
    void tidy();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void stepBy(int steps) override;
    QValidator::State validate(QString&, int&) const override { return QValidator::Acceptable; }

signals:
    /// The user has changed what stands there.
    void edited();

protected:
    StepEnabled stepEnabled() const override { return StepUpEnabled | StepDownEnabled; }
    void focusOutEvent(QFocusEvent* event) override;

private:
    QSize hintFor(int digits) const;
    bool allows(double number) const;
    QString shown(const QString& number) const;
    void write(const QString& text);

    NumberRule m_rule;
};

} // namespace lorikeet::ui
