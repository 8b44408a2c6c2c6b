// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QList>
#include <QWidget>

#include <functional>

namespace lorikeet::ui {

/// A thin bar, some parts of which are filled: what uses up a whole.
class ShareBar : public QWidget {
    Q_OBJECT
public:
    struct Part {
        double share = 0.0; ///< of the whole, 0 to 1
        /// Asked for at each painting, so that it follows the theme.
        std::function<QColor()> color;
    };

    /// `name`: what a screen reader calls it.
    explicit ShareBar(const QString& name, QWidget* parent = nullptr);

    /// From the left; `description` tells the same in words.
    void setParts(QList<Part> parts, const QString& description);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Part> m_parts;
};

} // namespace lorikeet::ui
