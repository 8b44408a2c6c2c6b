// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/labels.h"

#include <QEvent>
#include <QFrame>
#include <QStyle>
#include <QVariant>

namespace lorikeet::ui {
namespace {

QString roleName(LabelRole role) {
    switch (role) {
    case LabelRole::Title:
        return QStringLiteral("title");
    case LabelRole::Figure:
        return QStringLiteral("figure");
    case LabelRole::Heading:
        return QStringLiteral("heading");
    case LabelRole::Body:
        return QStringLiteral("body");
    case LabelRole::Value:
        return QStringLiteral("value");
    case LabelRole::Secondary:
        return QStringLiteral("secondary");
    case LabelRole::BodySecondary:
        return QStringLiteral("body-secondary");
    case LabelRole::Badge:
        return QStringLiteral("badge");
    }
    Q_UNREACHABLE();
}

QString toneName(LabelTone tone) {
    switch (tone) {
    case LabelTone::Plain:
        return {};
    case LabelTone::Accent:
        return QStringLiteral("accent");
    case LabelTone::Warning:
        return QStringLiteral("warning");
    case LabelTone::Danger:
        return QStringLiteral("danger");
    }
    Q_UNREACHABLE();
}

} // namespace

void setStyleProperty(QWidget* widget, const char* name, const QVariant& value) {
    if (widget->property(name) == value)
        return;
    widget->setProperty(name, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

QLabel* makeLabel(const QString& text, LabelRole role, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setProperty("role", roleName(role));
    if (role == LabelRole::Badge)
        label->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return label;
}

QLabel* makeParagraph(const QString& text, LabelRole role, QWidget* parent) {
    QLabel* label = makeLabel(text, role, parent);
    label->setWordWrap(true);
    QSizePolicy policy = label->sizePolicy();
    policy.setHorizontalPolicy(QSizePolicy::Ignored);
    policy.setHeightForWidth(true);
    label->setSizePolicy(policy);
    return label;
}

void setTone(QLabel* label, LabelTone tone) {
    setStyleProperty(label, "tone", toneName(tone));
}

QFrame* makeHairline(Qt::Orientation orientation, QWidget* parent) {
    auto* line = new QFrame(parent);
    line->setProperty("role", QStringLiteral("hairline"));
    if (orientation == Qt::Horizontal)
        line->setFixedHeight(1);
    else
        line->setFixedWidth(1);
    return line;
}

ElidedLabel::ElidedLabel(const QString& text, Qt::TextElideMode mode, QWidget* parent)
    : QLabel(parent), m_text(text), m_mode(mode) {
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    elide();
}

void ElidedLabel::setFullText(const QString& text) {
    if (text == m_text)
        return; // else all around it would be laid out anew
    m_text = text;
    updateGeometry();
    elide();
}

QSize ElidedLabel::sizeHint() const {
    return {fontMetrics().horizontalAdvance(m_text) + 2, QLabel::sizeHint().height()};
}

QSize ElidedLabel::minimumSizeHint() const {
    return {fontMetrics().horizontalAdvance(QStringLiteral("W…")), QLabel::minimumSizeHint().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event) {
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        elide();
}

void ElidedLabel::elide() {
    const QString shown = fontMetrics().elidedText(m_text, m_mode, std::max(width(), minimumSizeHint().width()));
    setText(shown);
    setToolTip(shown == m_text ? QString() : m_text);
    setAccessibleName(m_text);
}

} // namespace lorikeet::ui
