// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/banner.h"

#include <QFocusEvent>
#include <QHBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"

namespace lorikeet::ui {
namespace {

QString toneProperty(LabelTone tone) {
    return tone == LabelTone::Danger    ? QStringLiteral("danger")
           : tone == LabelTone::Warning ? QStringLiteral("warning")
                                        : QString();
}

QPixmap toneIcon(LabelTone tone, qreal ratio) {
    const Theme& theme = Theme::current();
    if (tone == LabelTone::Danger)
        return iconPixmap(QStringLiteral("error"), theme.color(ColorToken::Danger), metrics::kIcon, ratio);
    if (tone == LabelTone::Warning)
        return iconPixmap(QStringLiteral("warning"), theme.color(ColorToken::WarningText), metrics::kIcon, ratio);
    return iconPixmap(QStringLiteral("info"), theme.color(ColorToken::AccentText), metrics::kIcon, ratio);
}

} // namespace

Banner::Banner(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel), m_strong(makeLabel({}, LabelRole::Heading)), m_text(makeParagraph({})),
      m_actions(new QHBoxLayout), m_close(makeIconButton(QStringLiteral("close"), tr("Close this message"))) {
    setProperty("role", QStringLiteral("banner"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(metrics::kGap, metrics::kGrid, metrics::kGrid, metrics::kGrid);
    layout->setSpacing(metrics::kGrid);
    layout->addWidget(m_icon);
    layout->addWidget(m_strong);
    layout->addWidget(m_text, 1);
    layout->addLayout(m_actions);
    layout->addWidget(m_close);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setFocusPolicy(Qt::StrongFocus);
    m_text->setMargin(2); // where the ring is while it has the focus
    m_text->installEventFilter(this);
    connect(m_close, &QToolButton::clicked, this, [this] {
        hide();
        emit closed();
    });
    connect(&Theme::current(), &Theme::changed, this, &Banner::showIcon);
    hide();
}

void Banner::showIcon() {
    m_icon->setPixmap(toneIcon(m_tone, devicePixelRatioF()));
}

void Banner::tell(LabelTone tone, const QString& strong, const QString& text) {
    while (QLayoutItem* item = m_actions->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    setStyleProperty(this, "tone", toneProperty(tone));
    m_tone = tone;
    showIcon();
    m_strong->setText(strong);
    m_strong->setVisible(!strong.isEmpty());
    m_text->setText(text);
    m_text->setAccessibleName(text);
    setAccessibleName(strong + QLatin1Char(' ') + text);
    show();
}

bool Banner::eventFilter(QObject* watched, QEvent* event) {
    const bool isDone = QFrame::eventFilter(watched, event);
    if (watched == m_text && event->type() == QEvent::FocusIn) {
        const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason)
            m_text->setSelection(0, int(m_text->text().size()));
    }
    return isDone;
}

QPushButton* Banner::addAction(const QString& text) {
    QPushButton* button = makeButton(text, ButtonKind::Normal, {}, ControlSize::Compact);
    m_actions->addWidget(button);
    return button;
}

void Banner::setClosable(bool closable) {
    m_close->setVisible(closable);
}

QString Banner::text() const {
    return m_strong->text() + QLatin1Char(' ') + m_text->text();
}

} // namespace lorikeet::ui
