// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/jobs/run_check.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"

namespace lorikeet::ui {

/// A run and what is known of it.
struct CheckedRunConfig {
    RunConfig config;
    RunCheck check;
};

/// Looks at the run that is being set up, on a thread of its own: every run that is asked for is answered within
/// milliseconds by what is known of it, then, once nobody asks for another one for a moment, by what its files say. The
/// newest wins. Lives in the GUI thread.
class RunChecking : public QObject {
    Q_OBJECT
public:
    explicit RunChecking(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    ~RunChecking() override;

    void check(const RunConfig& config);

signals:
    /// The answer to the newest run that was asked for.
    void checked(std::shared_ptr<const lorikeet::ui::CheckedRunConfig> run);
    /// Its files are being read; the share of the stage that is done, 0 to 1.
    void reading(lorikeet::JobStage stage, double fraction);
    void failed(const lorikeet::ui::Failure& why);

private:
    struct Wish {
        RunConfig config;
        int serial = 0;
    };

    void work(std::stop_token stop);
    /// The newest wish; empty when the work ends or nobody has wished for anything within `patience`.
    std::optional<Wish> nextWish(std::stop_token stop, std::optional<std::chrono::milliseconds> patience);
    void read(RunChecker& checker, const Wish& wish);
    /// Calls `tell` in the GUI thread if the wish is still the newest then.
    template <typename Tell>
    void post(int serial, Tell tell);

    std::shared_ptr<Workshop> m_workshop;
    int m_serial = 0; ///< of the newest wish; GUI thread
    std::mutex m_mutex;
    std::condition_variable_any m_arrived;
    std::optional<Wish> m_wish;
    std::stop_source m_reading; ///< of what is being read
    Mailbox m_mailbox;
    std::jthread m_thread; ///< last, so that it is joined first
};

} // namespace lorikeet::ui
