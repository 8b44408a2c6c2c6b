// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <atomic>
#include <memory>

#include "ui/session/background.h"

class QLabel;
class QProgressBar;

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

/// Fetches the starter model, and shows how far it is, with a button that cancels; hidden while nothing is fetched.
class ModelFetchBar : public QWidget {
    Q_OBJECT
public:
    explicit ModelFetchBar(std::shared_ptr<Workshop> workshop, QWidget* parent = nullptr);

    bool isFetching() const { return m_watch.isActive(); }
    /// Does nothing while it fetches.
    void fetch();

signals:
    /// The fetching has begun, or has ended however.
    void changed();
    void fetched();
    void failed(const lorikeet::ui::Failure& failure);

private:
    void end();

    std::shared_ptr<Workshop> m_workshop;
    QLabel* m_words;
    QProgressBar* m_bar;
    QTimer m_watch;
    std::shared_ptr<std::atomic<double>> m_progress;
    BackgroundTask m_fetch;
};

} // namespace lorikeet::ui
