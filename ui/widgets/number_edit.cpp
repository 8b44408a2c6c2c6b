// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_edit.h"

#include <QFocusEvent>
#include <QLineEdit>
#include <QLocale>
#include <QSignalBlocker>

#include <algorithm>
#include <cmath>

#include "ui/theme/tokens.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kDigitsShown = 7;
constexpr int kDigitsNeeded = 3;
constexpr double kLargestWhole = 2147483647.0; // beyond it a limit is none that one would meet

/// The next of 1, 2, 5, 10, 20, ... above a number.
double nextAbove(double number) {
    const double decade = std::pow(10.0, std::floor(std::log10(number) + 1e-9));
    for (const double digit : {1.0, 2.0, 5.0, 10.0})
        if (digit * decade > number * (1 + 1e-9))
            return digit * decade;
    return 20.0 * decade;
}

double nextBelow(double number) {
    return 1.0 / nextAbove(1.0 / number);
}

/// As short as it can be written, without the noise of computing: 0.0005 for 0.000499999999.
QString shortest(double number) {
    return QString::number(QString::number(number, 'g', 12).toDouble(), 'g', QLocale::FloatingPointShortest);
}

} // namespace

QString NumberRule::range() const {
    const double factor = isPercent ? 100.0 : 1.0;
    const auto text = [&](double number) {
        const QString plain = isWhole ? formatCount(int64_t(number)) : formatSetting(number * factor);
        return isPercent ? NumberEdit::tr("%1 %").arg(plain) : plain;
    };
    if (high < kLargestWhole && isLowAllowed && isHighAllowed)
        return NumberEdit::tr("%1 to %2").arg(text(low), text(high));
    if (high < kLargestWhole && isLowAllowed)
        return NumberEdit::tr("%1 to below %2").arg(text(low), text(high));
    if (high < kLargestWhole)
        return NumberEdit::tr("above %1, up to %2").arg(text(low), text(high));
    return (isLowAllowed ? NumberEdit::tr("%1 or more") : NumberEdit::tr("above %1")).arg(text(low));
}

NumberEdit::NumberEdit(NumberRule rule, QWidget* parent) : QAbstractSpinBox(parent), m_rule(std::move(rule)) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    lineEdit()->setPlaceholderText(m_rule.emptyText);
    connect(lineEdit(), &QLineEdit::textEdited, this, &NumberEdit::edited);
}

bool NumberEdit::allows(double number) const {
    return std::isfinite(number) && (m_rule.isLowAllowed ? number >= m_rule.low : number > m_rule.low) &&
           (m_rule.isHighAllowed ? number <= m_rule.high : number < m_rule.high);
}

std::optional<QString> NumberEdit::number() const {
    QString text = lineEdit()->text().simplified();
    text.remove(QLatin1Char(' ')).remove(QLatin1Char('%')).remove(QLocale().groupSeparator());
    if (text.isEmpty())
        return m_rule.emptyText.isEmpty() ? std::nullopt : std::optional<QString>(QString());
    if (QLocale().decimalPoint() != QLatin1String("."))
        text.replace(QLocale().decimalPoint(), QLatin1String("."));
    bool isNumber = false;
    if (m_rule.isWhole) {
        const qlonglong whole = text.toLongLong(&isNumber);
        return isNumber && allows(double(whole)) ? std::optional(QString::number(whole)) : std::nullopt;
    }
    const double number = text.toDouble(&isNumber) / (m_rule.isPercent ? 100.0 : 1.0);
    return isNumber && allows(number) ? std::optional(shortest(number)) : std::nullopt;
}

QString NumberEdit::shown(const QString& number) const {
    if (number.isEmpty())
        return {};
    if (m_rule.isWhole) {
        bool isCountable = false;
        const qlonglong whole = number.toLongLong(&isCountable);
        return isCountable ? formatCount(whole) : number; // a seed of 64 bits
    }
    if (m_rule.isPercent)
        return tr("%1 %").arg(shortest(100.0 * number.toDouble()));
    const QString text = formatSetting(number.toDouble());
    return text == QLatin1String("0") ? QStringLiteral("0.0") : text;
}

void NumberEdit::setNumber(const QString& number) {
    const std::optional<QString> current = this->number();
    const bool isSame = current && (m_rule.isWhole || current->isEmpty() || number.isEmpty()
                                        ? *current == number
                                        : current->toDouble() == number.toDouble());
    if (!isSame || !hasFocus())
        lineEdit()->setText(shown(number));
}

void NumberEdit::tidy() {
    if (const std::optional<QString> current = number())
        lineEdit()->setText(shown(*current));
}

void NumberEdit::write(const QString& text) {
    lineEdit()->setText(shown(text));
    lineEdit()->selectAll();
    emit edited();
}

void NumberEdit::stepBy(int steps) {
    const std::optional<QString> current = number();
    const bool isEmpty = !current || current->isEmpty();
    double next = isEmpty ? m_rule.low : current->toDouble();
    for (int i = 0; i < std::abs(steps) && !isEmpty; ++i) {
        const bool isUp = steps > 0;
        if (m_rule.step == NumberRule::Step::Linear)
            next += isUp ? m_rule.stepSize : -m_rule.stepSize;
        else if (next <= 0)
            next = isUp ? 1.0 : next;
        else if (m_rule.step == NumberRule::Step::Doubling)
            next = isUp ? 2 * next : next / 2;
        else
            next = isUp ? nextAbove(next) : nextBelow(next);
    }
    next = std::clamp(next, m_rule.low, m_rule.high);
    if (!allows(next))
        return;
    write(m_rule.isWhole ? QString::number(qlonglong(next)) : shortest(next));
}

void NumberEdit::focusOutEvent(QFocusEvent* event) {
    QAbstractSpinBox::focusOutEvent(event);
    tidy();
}

QSize NumberEdit::sizeHint() const {
    return hintFor(kDigitsShown);
}

QSize NumberEdit::minimumSizeHint() const {
    return hintFor(kDigitsNeeded);
}

QSize NumberEdit::hintFor(int digits) const {
    // A style asks a spin box's own numbers for its width, and this one has none.
    const int arrows = 2 * metrics::kIcon;
    return {fontMetrics().horizontalAdvance(QString(digits, QLatin1Char('0'))) + arrows,
            QAbstractSpinBox::sizeHint().height()};
}

} // namespace lorikeet::ui
