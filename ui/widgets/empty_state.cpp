// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {

EmptyState::EmptyState(const QString& iconName, const QString& title, const QString& text, const QString& button,
                       QWidget* parent)
    : QWidget(parent) {
    constexpr int kTextWidth = 360;
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::kPage, metrics::kPage, metrics::kPage, metrics::kPage);
    layout->setSpacing(metrics::kGrid);
    layout->addStretch(1);
    auto* picture = new QLabel;
    const auto paint = [picture, iconName] {
        picture->setPixmap(iconPixmap(iconName, Theme::current().color(ColorToken::Secondary), 2 * metrics::kIcon,
                                      picture->devicePixelRatioF()));
    };
    paint();
    connect(&Theme::current(), &Theme::changed, picture, paint);
    layout->addWidget(picture, 0, Qt::AlignHCenter);
    layout->addWidget(makeLabel(title, LabelRole::Heading), 0, Qt::AlignHCenter);
    QLabel* words = makeLabel(text, LabelRole::BodySecondary);
    words->setWordWrap(true);
    words->setAlignment(Qt::AlignHCenter);
    words->setFixedWidth(kTextWidth);
    words->setMinimumHeight(words->heightForWidth(kTextWidth));
    layout->addWidget(words, 0, Qt::AlignHCenter);
    if (!button.isEmpty()) {
        QPushButton* fill = makeButton(button);
        layout->addSpacing(metrics::kGrid);
        layout->addWidget(fill, 0, Qt::AlignHCenter);
        connect(fill, &QPushButton::clicked, this, &EmptyState::clicked);
    }
    layout->addStretch(2);
}

} // namespace lorikeet::ui
