// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/buttons.h"

#include "ui/theme/icons.h"

namespace lorikeet::ui {
namespace {

ColorToken iconToken(ButtonKind kind) {
    switch (kind) {
    case ButtonKind::Primary:
        return ColorToken::OnAccent;
    case ButtonKind::Danger:
        return ColorToken::Danger;
    case ButtonKind::Link:
        return ColorToken::AccentText;
    case ButtonKind::Normal:
    case ButtonKind::Plain:
        return ColorToken::Text;
    }
    Q_UNREACHABLE();
}

QString kindName(ButtonKind kind) {
    switch (kind) {
    case ButtonKind::Normal:
        return QStringLiteral("normal");
    case ButtonKind::Primary:
        return QStringLiteral("primary");
    case ButtonKind::Danger:
        return QStringLiteral("danger");
    case ButtonKind::Plain:
        return QStringLiteral("plain");
    case ButtonKind::Link:
        return QStringLiteral("link");
    }
    Q_UNREACHABLE();
}

} // namespace

QPushButton* makeButton(const QString& text, ButtonKind kind, const QString& iconName, ControlSize size,
                        QWidget* parent) {
    auto* button = new QPushButton(text, parent);
    button->setAccessibleName(text);
    button->setProperty("kind", kindName(kind));
    button->setProperty("compact", size == ControlSize::Compact);
    button->setCursor(kind == ButtonKind::Link ? Qt::PointingHandCursor : Qt::ArrowCursor);
    button->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    if (!iconName.isEmpty()) {
        button->setText(QLatin1Char(' ') + text); // Fusion leaves little room between icon and text
        button->setIcon(icon(iconName, iconToken(kind)));
        button->setIconSize({metrics::kIcon, metrics::kIcon});
    }
    return button;
}

QString literalText(const QString& text) {
    QString literal = text.simplified(); // a tab would begin the shortcut of a menu's entry
    return literal.replace(QLatin1Char('&'), QLatin1String("&&"));
}

QToolButton* makeIconButton(const QString& iconName, const QString& name, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setIcon(icon(iconName, ColorToken::Secondary));
    button->setIconSize({metrics::kIcon, metrics::kIcon});
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

} // namespace lorikeet::ui
