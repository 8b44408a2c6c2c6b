// SPDX-License-Identifier: GPL-3.0-or-later
// What charts full of points cost the thread that draws them.
#include <gtest/gtest.h>

#include <QTest>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>
#include <ctime>
#include <random>

#include "ui/charts/line_chart.h"
#include "ui/charts/smoothing.h"
#include "ui/charts/stacked_chart.h"

namespace lorikeet::ui {
namespace {

constexpr int kPoints = 100000;
constexpr double kLongestTurn = 50.0; // ms

/// Processor time of this thread: other programs on the machine do not count.
double threadMilliseconds() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

TEST(Charts, AHundredThousandPointsEachLeaveTheEventLoopFree) {
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0.0, 0.1);
    std::vector<QPointF> raw;
    for (int i = 0; i < kPoints; ++i)
        raw.emplace_back(i, 1.0 + 2.0 * std::exp(-i / 9000.0) + noise(random));
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    std::vector<LineChart*> charts;
    for (int i = 0; i < 3; ++i) {
        auto* chart = new LineChart("Loss");
        chart->setXAxis(AxisKind::Count, "Step", Plot::XEnd::NextHundred);
        chart->addSeries({"Each step", rawLine(0)});
        chart->addSeries({"Smoothed", smoothedLine(0)});
        chart->replace(0, raw);
        chart->replace(1, smoothed(raw));
        layout->addWidget(chart);
        charts.push_back(chart);
    }
    auto* memory = new StackedChart("Memory", memoryTagOrder());
    std::vector<StackSample> samples;
    for (int i = 0; i < kPoints; ++i)
        samples.push_back(
            {double(i), {0.4e9, 5e9, 0.1e9, 0.7e9, 0.7e9, 1.3e9, 0.5e9, 0.2e9, i % 40 < 30 ? 0.7e9 : 0.1e9}});
    memory->append(samples);
    layout->addWidget(memory);
    window.resize(1200, 1000);
    window.show();
    QTest::qWait(500);

    std::vector<double> turns;
    double before = threadMilliseconds();
    QTimer probe, step;
    QObject::connect(&probe, &QTimer::timeout, [&] {
        const double now = threadMilliseconds();
        turns.push_back(now - before);
        before = now;
    });
    double x = kPoints;
    QObject::connect(&step, &QTimer::timeout, [&] {
        for (LineChart* chart : charts)
            chart->append(0, std::vector<QPointF>{{x, 1.0 + noise(random)}});
        memory->append({{x, samples.front().values}});
        charts.front()->setCursor(std::fmod(x * 500.0, kPoints));
        ++x;
    });
    probe.start(2);
    step.start(50);
    QTest::qWait(3000);
    ASSERT_GT(turns.size(), 100U);
    std::sort(turns.begin(), turns.end());
    const double most = turns[turns.size() * 99 / 100];
    RecordProperty("turn_p99_ms", std::to_string(most));
    EXPECT_LT(most, kLongestTurn) << "the longest took " << turns.back() << " ms";
}

} // namespace
} // namespace lorikeet::ui
