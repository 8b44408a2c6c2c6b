// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QPushButton;

namespace lorikeet::ui {

class FlowLayout;

/// Names of modules as buttons that are in or out.
class ModuleChips : public QWidget {
    Q_OBJECT
public:
    explicit ModuleChips(QWidget* parent = nullptr);

    /// `toolTip` has %1 for the name.
    void setToolTipPattern(const QString& toolTip) { m_toolTip = toolTip; }
    /// These chips, in this order, of which `chosen` are in. What is not in `operable` is shown, not operated.
    void showNames(const QStringList& names, const QStringList& chosen, const QStringList& operable);
    /// Those that are in, as they stand.
    QStringList chosen() const;

signals:
    /// The user has put one in, or taken it out.
    void clicked();

private:
    QList<QPushButton*> chips() const;
    void makeChips(const QStringList& names);
    static void paint(QPushButton* chip);

    QString m_toolTip;
    FlowLayout* m_layout;
};

} // namespace lorikeet::ui
