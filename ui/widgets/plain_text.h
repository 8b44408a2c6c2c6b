// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTextEdit>

namespace lorikeet::ui {

/// Text of several lines, shown letter for letter whatever it contains, as high as it needs to be for its width. It
/// can be selected and copied; with setEditable() it can be edited in place.
class PlainText : public QTextEdit {
    Q_OBJECT
public:
    explicit PlainText(const QString& name, QWidget* parent = nullptr);

    void setText(const QString& text);
    /// Adds at the end; what is selected stays selected.
    void append(const QString& text);
    QString text() const { return toPlainText(); }
    /// A block in the colour of the accent after the last letter: more is to come.
    void setCursorShown(bool shown);
    void setEditable(bool editable);

    QSize sizeHint() const override { return minimumSizeHint(); }
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void insertFromMimeData(const QMimeData* source) override;

private:
    void fit();

    bool m_isCursorShown = false;
    bool m_isEditable = false;
};

} // namespace lorikeet::ui
