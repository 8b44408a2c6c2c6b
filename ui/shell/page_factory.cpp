// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_factory.h"

#include <QCoreApplication>

#include "ui/pages/chat_page.h"
#include "ui/pages/compare_page.h"
#include "ui/pages/datasets_page.h"
#include "ui/pages/home_page.h"
#include "ui/pages/models_page.h"
#include "ui/pages/new_run_page.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/settings_page.h"

namespace lorikeet::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Sidebar", text);
}

template <typename PageType>
Page* makePage(Studio& studio, Navigator& navigator) {
    return new PageType(studio, navigator);
}

} // namespace

QList<PageEntry> pageEntries() {
    return {
        {PageId::Home, tr("Home"), QStringLiteral("home"), tr("Quick start, latest runs, device and disk"), true,
         makePage<HomePage>},
        {PageId::Models, tr("Models"), QStringLiteral("models"), tr("Base models, their tensors and weights"), true,
         makePage<ModelsPage>},
        {PageId::Datasets, tr("Datasets"), QStringLiteral("datasets"),
         tr("Files of rows, their columns, and what is trained of them"), false, makePage<DatasetsPage>},
        {PageId::NewRun, tr("New run"), QStringLiteral("new-run"), tr("Set up a run and start it"), true,
         makePage<NewRunPage>},
        {PageId::Runs, tr("Runs"), QStringLiteral("runs"), tr("All runs, live and finished"), false,
         makePage<RunsPage>},
        {PageId::Compare, tr("Compare"), QStringLiteral("compare"),
         tr("Curves, settings and answers of runs side by side"), false, makePage<ComparePage>},
        {PageId::Chat, tr("Chat"), QStringLiteral("chat"), tr("Talk to a model, and to what a run has made of it"),
         true, makePage<ChatPage>},
        {PageId::Settings, tr("Settings"), QStringLiteral("settings"), tr("Data folder, threads, device, theme"), true,
         makePage<SettingsPage>},
    };
}

} // namespace lorikeet::ui
