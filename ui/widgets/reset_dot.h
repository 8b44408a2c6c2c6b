// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace lorikeet::ui {

/// The dot beside a setting that differs from its default; pressing it resets the setting. It holds its place while it
/// is hidden, so that nothing moves while one types.
class ResetDot : public QToolButton {
    Q_OBJECT
public:
    explicit ResetDot(QWidget* parent = nullptr);

    /// `setting` is what the setting is called, `defaultText` its default for reading, empty where there is none to
    /// show.
    void setDiffers(bool differs, const QString& setting, const QString& defaultText);

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// The same mark for a list, where it cannot be pressed.
class ChangedMark : public QWidget {
    Q_OBJECT
public:
    explicit ChangedMark(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace lorikeet::ui
