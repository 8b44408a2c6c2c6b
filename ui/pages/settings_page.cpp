// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings_page.h"

#include <QVBoxLayout>

#include "ui/session/settings.h"
#include "ui/theme/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {

SettingsPage::SettingsPage(Studio& studio, Navigator& navigator, QWidget* parent) : Page(studio, navigator, parent) {
    QVBoxLayout* layout = makeFrame(tr("Settings"));
    layout->addWidget(makeLookCard());
    layout->addStretch(1);
}

Card* SettingsPage::makeLookCard() {
    auto* card = new Card(tr("Look"));
    auto* theme = new SegmentedControl(tr("Theme"), {tr("As the system"), tr("Light"), tr("Dark")});
    theme->setCurrent(int(Theme::current().choice()));
    connect(theme, &SegmentedControl::chosen, this, [](int index) {
        static const QStringList kNames = {QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")};
        Theme::current().setChoice(Theme::Choice(index));
        Settings().setTheme(kNames[index]);
    });
    card->body()->addWidget(theme, 0, Qt::AlignLeft);
    return card;
}

} // namespace lorikeet::ui
