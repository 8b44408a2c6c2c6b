// SPDX-License-Identifier: GPL-3.0-or-later
// What the studio's fixture knows of widgets, apart from what tests without any need.
#include "tests/support/qt/studio_fixture.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>

namespace lorikeet::ui {
namespace {

bool isControl(const QWidget* widget) {
    return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QComboBox*>(widget) ||
           qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
           qobject_cast<const QPlainTextEdit*>(widget) || qobject_cast<const QAbstractItemView*>(widget) ||
           (qobject_cast<const QAbstractSlider*>(widget) && !qobject_cast<const QScrollBar*>(widget));
}

/// A control that Qt makes for its own use inside another one.
bool isPart(const QWidget* widget) {
    return widget->objectName().startsWith(QLatin1String("qt_")) ||
           qobject_cast<const QComboBox*>(widget->parentWidget()) ||
           qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) ||
           qobject_cast<const QLineEdit*>(widget->parentWidget()) || widget->inherits("QTableCornerButton") ||
           widget->inherits("QHeaderView") || widget->inherits("QComboBoxListView") || widget->inherits("QTabBar");
}

/// One of several buttons of which one is down: Tab reaches that one, arrow keys the others.
bool isInGroup(const QWidget* widget) {
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    return button && (button->autoExclusive() || button->group());
}

} // namespace

QAbstractButton* StudioTest::button(const QWidget& parent, const QString& name) {
    for (auto* button : parent.findChildren<QAbstractButton*>())
        if (button->text().trimmed() == name || button->accessibleName() == name)
            return button;
    return nullptr;
}

QStringList inaccessibleControls(const QWidget& parent) {
    QStringList faults;
    for (const QWidget* widget : parent.findChildren<QWidget*>()) {
        if (!isControl(widget) || isPart(widget))
            continue;
        const QString what = QStringLiteral("%1 \"%2\" in %3")
                                 .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                                      QLatin1String(widget->parentWidget()->metaObject()->className()));
        if (widget->accessibleName().isEmpty())
            faults.append(what + QStringLiteral(" has no accessible name"));
        else if (!(widget->focusPolicy() & Qt::TabFocus) && !isInGroup(widget))
            faults.append(what + QStringLiteral(" (%1) cannot be reached by Tab").arg(widget->accessibleName()));
    }
    return faults;
}

} // namespace lorikeet::ui
