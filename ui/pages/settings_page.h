// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

namespace lorikeet::ui {

class Banner;
class Card;
class ElidedLabel;

/// Theme, data folder, device and threads, starter model. What is changed holds at once, or is said to hold from the
/// next start.
class SettingsPage : public Page {
    Q_OBJECT
public:
    SettingsPage(Studio& studio, Navigator& navigator, QWidget* parent = nullptr);

private:
    Card* makeLookCard();
    Card* makeComputingCard();
    Card* makeFolderCard();
    void chooseFolder();
    /// Something was changed that the program reads when it starts.
    void tellNextStart();

    Banner* m_notice;
    ElidedLabel* m_folder;
};

} // namespace lorikeet::ui
