// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

#include "ui/session/run_feed.h"

namespace lorikeet {
class RunStore;
}

namespace lorikeet::ui {

/// The part of RunFeed that lives in its thread and reads.
class RunFeedWorker : public QObject {
    Q_OBJECT
public:
    explicit RunFeedWorker(DataFolder folder);
    ~RunFeedWorker() override;

    void begin();
    void look();
    void follow(const QString& run);
    void unfollow(const QString& run);
    /// Calls `change` with the database open for writing, then looks.
    void write(const std::function<void(RunStore&)>& change);

signals:
    void listed(const std::vector<lorikeet::RunRecord>& runs,
                const QHash<QString, std::vector<lorikeet::LossPoint>>& previews);
    void failed(const lorikeet::ui::Failure& why);
    void refused(const lorikeet::ui::Failure& why);
    void updated(const QString& run, std::shared_ptr<const lorikeet::ui::RunUpdate> update);

private:
    struct Known {
        int64_t step = -1, memoryStep = -1;
    };

    RunStore& store();
    void list();
    void update(const QString& run);

    DataFolder m_folder;
    std::unique_ptr<RunStore> m_store, m_writer;
    std::optional<int64_t> m_changeCount;
    QHash<QString, Known> m_followed;
    QHash<QString, int64_t> m_previewSteps;
    QHash<QString, std::vector<LossPoint>> m_previews;
    QTimer m_timer{this};
    int m_quietLooks = 0;
};

} // namespace lorikeet::ui
