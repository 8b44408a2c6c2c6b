// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/perplexity_desk.h"

#include <fstream>
#include <mutex>

#include "core/base/error.h"
#include "core/jobs/workshop.h"

namespace lorikeet::ui {
namespace {

constexpr int kWatch = 100;            // ms between looks
constexpr int64_t kTokens = 2048;      // of the text: enough to tell the ways apart, and a minute for a small model
constexpr std::size_t kMost = 1 << 20; // bytes of a file, far more than these tokens take

/// The beginning of a file.
std::string readStart(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kMost, '\0');
    if (!file.read(text.data(), std::streamsize(text.size())) && !file.eof())
        fail(ErrorCode::Io, "{}: it cannot be read", path);
    text.resize(std::size_t(file.gcount()));
    return text;
}

} // namespace

/// What the work leaves for the GUI thread to look at.
struct PerplexityDesk::SoFar {
    std::mutex mutex;
    double done = 0.0;
    std::vector<PerplexityCase> cases;

    void take(const PerplexityProgress& progress) {
        const std::lock_guard lock(mutex);
        done = (double(progress.finished) + progress.fraction) / double(progress.cases);
        if (progress.just)
            cases.push_back(*progress.just);
    }
};

PerplexityDesk::PerplexityDesk(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)) {
    m_watch.setInterval(kWatch);
    connect(&m_watch, &QTimer::timeout, this, &PerplexityDesk::tell);
}

PerplexityDesk::~PerplexityDesk() = default;

void PerplexityDesk::tell() {
    std::unique_lock lock(m_soFar->mutex);
    const double done = m_soFar->done;
    const std::vector<PerplexityCase> cases = m_soFar->cases;
    lock.unlock();
    emit progressed(done, cases);
}

void PerplexityDesk::study(const QString& model, const QString& textFile) {
    PerplexityStudyRequest request;
    request.model = model.toStdString();
    request.blocksizes = {32, 64, 128, 256};
    request.mostTokens = kTokens;
    m_soFar = std::make_shared<SoFar>();
    m_watch.start();
    m_study = runInBackground(
        this,
        [request, file = textFile.toStdString(), workshop = m_workshop, soFar = m_soFar](std::stop_token stop) mutable {
            request.text = file.empty() ? starterText() : readStart(file);
            return studyPerplexity(
                *workshop, request, [&](const PerplexityProgress& progress) { soFar->take(progress); },
                std::move(stop));
        },
        [this](const PerplexityStudy& study) {
            m_watch.stop();
            emit studied(study);
        },
        [this](const Failure& failure) {
            m_watch.stop();
            emit notStudied(failure.isCancelled() ? QString() : failure.message);
        });
    tell();
}

void PerplexityDesk::cancel() {
    stop();
    emit notStudied({});
}

void PerplexityDesk::stop() {
    m_study.stop();
    m_watch.stop();
}

} // namespace lorikeet::ui
