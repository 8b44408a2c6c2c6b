// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

#include "core/jobs/perplexity_study.h"
#include "ui/session/background.h"

namespace lorikeet::ui {

/// Compares ways to quantize a model by the perplexity of a text, in the background. A newer wish replaces an older
/// one. GUI thread.
class PerplexityDesk : public QObject {
    Q_OBJECT
public:
    explicit PerplexityDesk(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    ~PerplexityDesk() override;

    /// `textFile` is empty for the starter dataset's text.
    void study(const QString& model, const QString& textFile);
    void cancel();
    /// Ends what is being made, and says nothing.
    void stop();

signals:
    /// How much is done, and the cases that are known.
    void progressed(double done, const std::vector<lorikeet::PerplexityCase>& cases);
    void studied(const lorikeet::PerplexityStudy& study);
    /// `why` is empty where it was cancelled.
    void notStudied(const QString& why);

private:
    struct SoFar;
    void tell();

    std::shared_ptr<Workshop> m_workshop;
    std::shared_ptr<SoFar> m_soFar;
    QTimer m_watch;
    BackgroundTask m_study;
};

} // namespace lorikeet::ui
