// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/model_desk.h"

namespace lorikeet::ui {
namespace {

constexpr int kFirstWatch = 300; // ms of work before anything is said about it
constexpr int kWatch = 100;
constexpr int kBins = 120;
/// All linear layers of a large model would take minutes; evenly spread layers tell the same to three digits.
constexpr int64_t kMostWeights = int64_t(32) << 20;

} // namespace

ModelDesk::ModelDesk(int threads, QObject* parent) : QObject(parent), m_threads(threads) {
    connect(&m_watch, &QTimer::timeout, this, [this] {
        m_watch.setInterval(kWatch);
        emit studyProgressed(m_progress->load());
    });
}

void ModelDesk::lookAt(const QString& model, const QString& tensor, int blocksize) {
    m_histogram = runInBackground(
        this,
        [request = HistogramRequest{.model = model.toStdString(),
                                    .tensor = tensor.toStdString(),
                                    .blocksize = blocksize,
                                    .bins = kBins,
                                    .threads = m_threads}](std::stop_token stop) {
            return tensorHistogram(request, std::move(stop));
        },
        [this](const TensorHistogram& histogram) { emit histogramMade(histogram); },
        [this](const Failure& failure) {
            if (!failure.isCancelled())
                emit histogramFailed(failure.message);
        });
}

void ModelDesk::studyErrors(const QString& model, const QString& tensor) {
    ErrorStudyRequest request;
    request.model = model.toStdString();
    if (!tensor.isEmpty())
        request.tensor = tensor.toStdString();
    request.chosen = true;
    request.mostWeights = kMostWeights;
    request.threads = m_threads;
    m_progress = std::make_shared<std::atomic<double>>(0.0);
    m_watch.start(kFirstWatch);
    m_study = runInBackground(
        this,
        [request, done = m_progress](std::stop_token stop) {
            return quantizationErrors(
                request, [&](double fraction) { done->store(fraction); }, std::move(stop));
        },
        [this](const ErrorStudy& study) {
            endStudy();
            emit studied(study);
        },
        [this](const Failure& failure) {
            endStudy();
            emit notStudied(failure.isCancelled() ? QString() : failure.message);
        });
}

void ModelDesk::cancelStudy() {
    endStudy();
    emit notStudied({});
}

void ModelDesk::stop() {
    m_histogram.stop();
    endStudy();
}

void ModelDesk::endStudy() {
    m_study.stop();
    m_watch.stop();
}

} // namespace lorikeet::ui
