// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

namespace lorikeet::ui {

class Card;

/// Data folder, threads, device, theme, starter model.
class SettingsPage : public Page {
    Q_OBJECT
public:
    SettingsPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

private:
    Card* makeLookCard();
};

} // namespace lorikeet::ui
