// SPDX-License-Identifier: GPL-3.0-or-later
// How quickly the window answers while a model trains on all cores and 100,000 points are in the charts, and how long
// it takes from the start of the process to a window that can be used.
//   bench_window [--seconds N] [--model PATH]     the starter model by LORIKEET_TEST_MODEL; else a tiny one
#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTextStream>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>
#include <unistd.h>

#include "core/jobs/quick_start.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "ui/pages/page.h"
#include "ui/session/studio.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

namespace {

using namespace lorikeet;
using namespace lorikeet::ui;
using Clock = std::chrono::steady_clock;

constexpr int64_t kPoints = 100000;

double millisecondsSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

StepMetrics pointAt(int64_t step) {
    StepMetrics metrics;
    metrics.step = step;
    metrics.loss = 1.0 + 3.0 * std::exp(-double(step) / 2e4) + 0.1 * std::sin(double(step) * 12.9898);
    metrics.gradNorm = 0.3 + 0.1 * std::sin(double(step) * 78.233);
    metrics.learningRate = 2e-4;
    metrics.tokens = metrics.trainedTokens = 512;
    metrics.tokensPerSecond = 500.0;
    metrics.seconds = double(step);
    return metrics;
}

/// A run of another process, as far as the window can tell: it has a long past and goes on meanwhile.
class LongRun {
public:
    explicit LongRun(const DataFolder& folder)
        : m_store(folder), m_run(m_store.create({"long", "model", "rows.jsonl", "lora", "{}"})),
          m_lock(folder.run(m_run.id)) {
        RunStart start;
        start.totalSteps = 2 * kPoints;
        m_store.start(m_run.id, start);
        std::vector<StepMetrics> past;
        for (int64_t step = 1; step <= kPoints; ++step)
            past.push_back(pointAt(step));
        m_store.recordSteps(m_run.id, past);
        m_thread = std::jthread([this](std::stop_token stop) {
            for (int64_t step = kPoints + 1; !stop.stop_requested(); ++step) {
                m_store.recordStep(m_run.id, pointAt(step), {{"weights", 100000000}, {"activations", 50000000 + step}});
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        });
    }
    QString id() const { return QString::fromStdString(m_run.id); }

private:
    RunStore m_store;
    RunRecord m_run;
    RunLock m_lock;
    std::jthread m_thread;
};

/// Asks the event loop a hundred times a second how late it is.
std::vector<double> latencies(int seconds) {
    std::vector<double> measured; // of the GUI thread only
    QEventLoop loop;
    std::jthread asker([&](std::stop_token stop) {
        while (!stop.stop_requested()) {
            const auto asked = Clock::now();
            QMetaObject::invokeMethod(
                &loop, [&measured, asked] { measured.push_back(millisecondsSince(asked)); }, Qt::QueuedConnection);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    });
    QTimer::singleShot(seconds * 1000, &loop, &QEventLoop::quit);
    loop.exec();
    asker.request_stop();
    asker.join();
    std::sort(measured.begin(), measured.end());
    return measured;
}

double at(const std::vector<double>& sorted, double share) {
    return sorted.empty() ? 0.0 : sorted[std::min(sorted.size() - 1, size_t(share * double(sorted.size())))];
}

int measureLoop(const QString& model, int seconds) {
    QTextStream out(stdout);
    QTemporaryDir data;
    WorkshopOptions options;
    options.dataDir = data.path().toStdString();
    Theme theme;
    Studio studio(options);
    MainWindow window(studio);
    window.resize(1440, 900);
    window.show();

    RunConfig config = quickStartConfig(model.toStdString(), 1000000);
    config.every = {.log = 1, .eval = 0, .sample = 0, .save = 0};
    studio.training().start(config);
    QEventLoop begin;
    QObject::connect(&studio.training(), &TrainingSession::runStarted, &begin, &QEventLoop::quit);
    QObject::connect(&studio.training(), &TrainingSession::ended, &begin, [&](const TrainingEnd& end) {
        if (end.failure)
            out << end.failure->message << Qt::endl;
        begin.quit();
    });
    begin.exec();
    if (!studio.training().isActive())
        return 1;

    const LongRun run(studio.workshop()->folder());
    emit window.navigator().runWanted(run.id());
    const std::vector<double> opening = latencies(5);
    const std::vector<double> measured = latencies(seconds);
    const int64_t steps = studio.training().step() ? studio.training().step()->step : 0;
    out << "opening a run of " << kPoints << " steps: longest wait " << at(opening, 1.0) << " ms" << Qt::endl;
    out << "event loop over " << seconds << " s, " << measured.size() << " questions, " << kPoints
        << " points in the charts, " << steps << " steps trained: median " << at(measured, 0.5) << " ms, p99 "
        << at(measured, 0.99) << " ms, longest " << at(measured, 1.0) << " ms" << Qt::endl;
    window.saveAndClose();
    return at(measured, 0.99) <= 50.0 ? 0 : 1;
}

/// Prints the time since `start` (of the steady clock, in ns) when the window has been painted and waits for its user.
int showAndLeave(qint64 start) {
    Theme theme;
    Studio studio(WorkshopOptions{});
    MainWindow window(studio);
    window.show();
    QObject::connect(&studio.runs(), &RunFeed::changed, &window, [start] {
        QTimer::singleShot(0, qApp, [start] {
            const auto now = Clock::now().time_since_epoch();
            QTextStream(stdout) << double(std::chrono::nanoseconds(now).count() - start) / 1e6 << Qt::endl;
            QApplication::quit();
        });
    });
    return QApplication::exec();
}

void measureStart() {
    QTextStream out(stdout);
    QTemporaryDir data;
    std::vector<double> times;
    for (int i = 0; i < 5; ++i) {
        QProcess child;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("LORIKEET_DATA_DIR", data.path());
        child.setProcessEnvironment(environment);
        const qint64 now = std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
        child.start(QCoreApplication::applicationFilePath(), {"--show-and-leave", QString::number(now)});
        child.waitForFinished(60000);
        times.push_back(child.readAllStandardOutput().trimmed().toDouble());
    }
    std::sort(times.begin(), times.end());
    out << "from the start of the process to a usable window: median " << at(times, 0.5) << " ms, longest "
        << times.back() << " ms of " << times.size() << Qt::endl;
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setApplicationName("lorikeet-bench");
    QCommandLineParser parser;
    parser.addOptions({{"seconds", "How long the event loop is watched.", "N", "60"},
                       {"model", "What trains meanwhile.", "PATH"},
                       {"show-and-leave", "For the measurement of the start.", "time"}});
    parser.process(app);
    if (parser.isSet("show-and-leave"))
        return showAndLeave(parser.value("show-and-leave").toLongLong());
    measureStart();
    QString model = parser.value("model");
    if (model.isEmpty())
        model = qEnvironmentVariable("LORIKEET_TEST_MODEL", QStringLiteral(LORIKEET_TINY_MODEL));
    return measureLoop(model, parser.value("seconds").toInt());
}
