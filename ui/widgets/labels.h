// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace lorikeet::ui {

/// What a label is for; the style sheet draws it accordingly.
enum class LabelRole { Title, Figure, Heading, Body, Value, Secondary, BodySecondary, Badge };
enum class LabelTone { Plain, Accent, Warning, Danger };

QLabel* makeLabel(const QString& text, LabelRole role = LabelRole::Body, QWidget* parent = nullptr);
/// A label of several lines, as wide as there is room.
QLabel* makeParagraph(const QString& text, LabelRole role = LabelRole::Body, QWidget* parent = nullptr);
void setTone(QLabel* label, LabelTone tone);
/// A line, 1 px thick.
QFrame* makeHairline(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);

/// Sets a property that the style sheet looks at, and has the widget drawn anew.
void setStyleProperty(QWidget* widget, const char* name, const QVariant& value);

/// A line of text that is cut with an ellipsis where room is lacking; the whole text is its tool tip then.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, Qt::TextElideMode mode = Qt::ElideRight, QWidget* parent = nullptr);

    void setFullText(const QString& text);
    const QString& fullText() const { return m_text; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void elide();

    QString m_text;
    Qt::TextElideMode m_mode;
};

} // namespace lorikeet::ui
