// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <functional>

#include "ui/pages/navigator.h"

namespace lorikeet::ui {

class Page;
class Studio;

/// A page of the window: how the sidebar shows it, and how it is made when it is first asked for.
struct PageEntry {
    PageId id;
    QString title;
    QString iconName;
    QString toolTip;
    bool startsGroup; ///< a line stands above it in the sidebar
    std::function<Page*(Studio&, Navigator&)> make;
};

/// All pages in the order of the sidebar.
QList<PageEntry> pageEntries();

} // namespace lorikeet::ui
