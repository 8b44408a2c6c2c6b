// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QStringList>

#include "ui/widgets/buttons.h"

class QButtonGroup;

namespace lorikeet::ui {

/// One of a few, all of them seen: buttons side by side in one border. Arrow keys move between them.
class SegmentedControl : public QFrame {
    Q_OBJECT
public:
    /// `name` is what a screen reader calls the whole.
    SegmentedControl(const QString& name, const QStringList& segments, ControlSize size = ControlSize::Normal,
                     QWidget* parent = nullptr);

    int current() const;
    /// Does not emit chosen().
    void setCurrent(int index);
    void setSegmentEnabled(int index, bool enabled, const QString& whyNot = {});
    QPushButton* segment(int index) const;
    /// Less room around the words, for columns of fields.
    void setTight();

signals:
    /// The user chose another one.
    void chosen(int index);

private:
    QButtonGroup* m_buttons;
};

} // namespace lorikeet::ui
