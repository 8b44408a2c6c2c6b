// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <atomic>
#include <memory>

#include "core/jobs/weight_study.h"
#include "ui/session/background.h"

namespace lorikeet::ui {

/// Looks at the weights of one model in the background: how a tensor's values lie, and what quantizing costs. A newer
/// wish replaces an older one. GUI thread.
class ModelDesk : public QObject {
    Q_OBJECT
public:
    explicit ModelDesk(int threads, QObject* parent = nullptr);

    void lookAt(const QString& model, const QString& tensor, int blocksize);
    /// Of one tensor, or of all linear layers where it is empty.
    void studyErrors(const QString& model, const QString& tensor);
    void cancelStudy();
    /// Ends all that is being made.
    void stop();

signals:
    void histogramMade(const lorikeet::TensorHistogram& histogram);
    void histogramFailed(const QString& why);
    void studyProgressed(double done);
    void studied(const lorikeet::ErrorStudy& study);
    /// `why` is empty where it was cancelled.
    void notStudied(const QString& why);

private:
    void endStudy();

    int m_threads;
    std::shared_ptr<std::atomic<double>> m_progress;
    QTimer m_watch;
    BackgroundTask m_histogram;
    BackgroundTask m_study;
};

} // namespace lorikeet::ui
