// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/runs/data_folder.h"
#include "core/runs/run_record.h"
#include "ui/session/mailbox.h"
#include "ui/session/work_threads.h"

namespace lorikeet {
class RunStore;
}

namespace lorikeet::ui {

class RunFeed;

/// The part of RunFeed that reads, on a thread of its own: what is public is for the GUI thread and only asks, what is
/// private happens there. What it finds goes to the feed by letter.
class RunFeedWorker {
public:
    using Change = std::function<void(RunStore&)>;

    RunFeedWorker(DataFolder folder, RunFeed& feed);
    /// Waits until the changes that were asked for are written.
    ~RunFeedWorker();

    void refresh();
    void follow(const QString& run);
    void unfollow(const QString& run);
    /// Has `change` called with the database open for writing; looks then.
    void write(Change change);
    /// Sends this when all changes before it are made.
    void whenWritten(Mailbox::Address to, std::function<void()> letter);

private:
    struct Known {
        int64_t step = -1, memoryStep = -1;
        bool startsAnew = false; ///< the next update has all of it
    };

    RunStore& store();
    void begin();
    /// Looks, and again after a while.
    void look();
    void lookForChanges();
    void list();
    void update(const std::string& run);
    void make(const Change& change);
    template <typename Function>
    void tell(Function function);

    DataFolder m_folder;
    RunFeed& m_feed; ///< for letters
    const Mailbox::Address m_address;
    std::unique_ptr<RunStore> m_store, m_writer;
    std::optional<int64_t> m_changeCount;
    std::unordered_map<std::string, Known> m_followed;
    std::unordered_map<std::string, int64_t> m_previewSteps;
    QHash<QString, std::vector<LossPoint>> m_previews;
    int m_quietLooks = 0;
    WorkThreads m_thread{"run feed"}; ///< last, so that it ends first
};

} // namespace lorikeet::ui
