// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>

#include "core/train/run_config.h"

namespace lorikeet::ui {

/// The pages, in the order of the sidebar.
enum class PageId { Home, Models, Datasets, NewRun, Runs, Compare, Chat, Settings };

/// What a conversation should be held with.
struct ChatTarget {
    QString model;           ///< a path or a library's name
    QString run;             ///< whose adapter stands beside the base; empty: the base alone
    QString adapter;         ///< folder of the adapter
    QStringList suggestions; ///< prompts to begin with
    /// Of the run's checkpoint whose adapter it is; none: the run's end.
    std::optional<int64_t> step = {};
};

/// Where pages say that the user wants to be elsewhere; the window goes there. GUI thread.
class Navigator : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

signals:
    void pageWanted(lorikeet::ui::PageId page);
    /// The page of one run.
    void runWanted(const QString& run);
    /// New run, filled in with these settings.
    void newRunWanted(const lorikeet::RunConfig& config);
    /// New run, filled in from a file that the user chooses.
    void runFileWanted();
    void chatWanted(const lorikeet::ui::ChatTarget& target);
    void comparisonWanted(const QStringList& runs);
    /// A model or dataset of the library, selected on its page.
    void modelWanted(const QString& name);
    void datasetWanted(const QString& name);
    /// The quick start, as from Home.
    void quickStartWanted();
    /// Something that went wrong and belongs to no page.
    void told(const QString& text);
    /// Something was done that can be undone for a while.
    void undoOffered(const QString& text, const std::function<void()>& undo);
};

} // namespace lorikeet::ui
