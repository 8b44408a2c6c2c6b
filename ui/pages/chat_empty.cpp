// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_empty.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/scale.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kTextWidth = 360;

/// A button as wide as the text above it, whose words are cut where room is lacking.
QPushButton* makeSuggestion(const QString& prompt) {
    QPushButton* button = makeButton({}, ButtonKind::Normal);
    button->setText(literalText(button->fontMetrics().elidedText(prompt.simplified(), Qt::ElideRight,
                                                                 scaled(kTextWidth) - 2 * metrics::kPage)));
    button->setToolTip(prompt);
    button->setAccessibleName(ChatEmpty::tr("Ask: %1").arg(prompt));
    button->setFixedWidth(scaled(kTextWidth));
    return button;
}

} // namespace

ChatEmpty::ChatEmpty(QWidget* parent)
    : QWidget(parent), m_title(makeLabel({}, LabelRole::Heading)), m_text(makeLabel({}, LabelRole::BodySecondary)),
      m_buttons(new QVBoxLayout) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, metrics::kPage);
    layout->setSpacing(metrics::kGrid);
    layout->addStretch(1);
    auto* picture = new QLabel;
    const auto paint = [picture] {
        picture->setPixmap(iconPixmap(QStringLiteral("chat"), Theme::current().color(ColorToken::Secondary),
                                      2 * metrics::kIcon, picture->devicePixelRatioF()));
    };
    paint();
    connect(&Theme::current(), &Theme::changed, picture, paint);
    layout->addWidget(picture, 0, Qt::AlignHCenter);
    layout->addWidget(m_title, 0, Qt::AlignHCenter);
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignHCenter);
    m_text->setFixedWidth(scaled(kTextWidth));
    layout->addWidget(m_text, 0, Qt::AlignHCenter);
    layout->addSpacing(metrics::kGrid);
    m_buttons->setSpacing(metrics::kGrid);
    layout->addLayout(m_buttons);
    layout->addStretch(2);
}

void ChatEmpty::setText(const QString& text) {
    m_text->setText(text);
    m_text->setMinimumHeight(m_text->heightForWidth(scaled(kTextWidth)));
}

void ChatEmpty::clearButtons() {
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
}

void ChatEmpty::showSuggestions(const QString& who, const QStringList& suggestions) {
    if (m_title->text() == who && m_suggestions == suggestions)
        return;
    m_suggestions = suggestions;
    m_title->setText(who);
    setText(suggestions.isEmpty() ? tr("Ask below. Every answer says what made it, and all of it is kept.")
                                  : tr("Ask below, or begin with one of these."));
    clearButtons();
    for (const QString& prompt : suggestions.mid(0, kMostSuggestions)) {
        QPushButton* button = makeSuggestion(prompt);
        connect(button, &QPushButton::clicked, this, [this, prompt] { emit suggested(prompt); });
        m_buttons->addWidget(button, 0, Qt::AlignHCenter);
    }
}

void ChatEmpty::showNoModel() {
    const QString title = tr("No model to talk to yet");
    if (m_title->text() == title)
        return;
    m_title->setText(title);
    setText(tr("Add a model from your disk, or let the quick start fetch a small one and finetune it."));
    clearButtons();
    QPushButton* models = makeButton(tr("Add a model"));
    QPushButton* start = makeButton(tr("Quick start"), ButtonKind::Normal, QStringLiteral("play"));
    connect(models, &QPushButton::clicked, this, &ChatEmpty::modelsWanted);
    connect(start, &QPushButton::clicked, this, &ChatEmpty::quickStartWanted);
    m_buttons->addWidget(models, 0, Qt::AlignHCenter);
    m_buttons->addWidget(start, 0, Qt::AlignHCenter);
}

} // namespace lorikeet::ui
