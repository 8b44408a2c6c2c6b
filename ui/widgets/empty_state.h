// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPushButton;

namespace lorikeet::ui {

/// What a list shows while it has nothing: what belongs here, and the one button that fills it.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString& iconName, const QString& title, const QString& text, const QString& button = {},
               QWidget* parent = nullptr);

signals:
    void clicked();
};

} // namespace lorikeet::ui
