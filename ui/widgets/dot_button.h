// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace lorikeet::ui {

/// A dot that can be pressed: a value differs from its default. It keeps its place while it is hidden.
class DotButton : public QToolButton {
    Q_OBJECT
public:
    explicit DotButton(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace lorikeet::ui
