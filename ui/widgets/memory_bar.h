// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

#include <cstdint>

namespace lorikeet::ui {

/// What one memory tag holds.
struct MemoryShare {
    QString tag; ///< "weights"
    int64_t bytes = 0;

    bool operator==(const MemoryShare&) const = default;
};

/// A device's memory and what is, or would be, in it.
struct MemoryPicture {
    QList<MemoryShare> shares; ///< in the order of stacking
    int64_t otherPrograms = 0; ///< bytes
    int64_t device = 0;        ///< bytes in all; 0: not known

    int64_t needed() const;
    bool operator==(const MemoryPicture&) const = default;
};

/// A bar of memory by tag, from left to right, with an axis below. It is as long as the device, or as all that is
/// needed where that is more; what lies beyond the device is hatched. Other programs come first, hatched too.
class MemoryBar : public QWidget {
    Q_OBJECT
public:
    explicit MemoryBar(bool hasAxis, QWidget* parent = nullptr);

    void setPicture(const MemoryPicture& picture);
    const MemoryPicture& picture() const { return m_picture; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Part {
        QString tag; ///< empty: other programs
        int64_t bytes;
        double left, right; ///< in pixels
    };
    /// How many bytes the whole width stands for.
    int64_t extent() const;
    double position(int64_t bytes) const;
    QList<Part> parts() const;
    void paintAxis(QPainter& painter) const;

    MemoryPicture m_picture;
    bool m_hasAxis;
};

/// The square of a tag, as legends show it; an empty tag is other programs.
QPixmap memoryTagSwatch(const QString& tag, qreal devicePixelRatio);
/// "Weights"; of an empty tag "Other programs".
QString memoryPartTitle(const QString& tag);

} // namespace lorikeet::ui
