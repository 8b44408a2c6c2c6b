// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/comparison.h"

#include <QCoreApplication>
#include <QHash>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/train/run_config.h"
#include "core/train/run_settings.h"
#include "ui/charts/smoothing.h"
#include "ui/models/run_figures.h"
#include "ui/models/run_text.h"
#include "ui/pages/setting_words.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Compare", text);
}

/// A value for reading; of files the name alone.
QString shownValue(const QString& key, const QString& value) {
    if (key == QLatin1String("model") && !value.isEmpty())
        return modelTitle(value.toStdString());
    if ((key == QLatin1String("data.train") || key == QLatin1String("data.eval")) && !value.isEmpty())
        return datasetTitle(value.toStdString());
    return settingText(key, value);
}

/// Where each step of a run stands on an axis.
std::vector<double> placesOf(const std::vector<StepMetrics>& metrics, CompareAxis axis) {
    std::vector<double> places;
    places.reserve(metrics.size());
    double tokens = 0.0;
    for (const StepMetrics& step : metrics) {
        tokens = step.totalTokens ? double(*step.totalTokens) : tokens + double(step.tokens);
        switch (axis) {
        case CompareAxis::Step:
            places.push_back(double(step.step));
            break;
        case CompareAxis::Tokens:
            places.push_back(tokens);
            break;
        case CompareAxis::Epoch:
            places.push_back(step.epoch);
            break;
        case CompareAxis::Time:
            places.push_back(step.seconds);
            break;
        }
    }
    return places;
}

std::vector<RunSetting> settingsOf(const RunRecord& run) {
    try {
        return flatSettings(parseRunConfig(run.config, run.id));
    } catch (const Error&) {
        return {}; // the column says so by being empty
    }
}

/// Text of a number per run, the best of them marked; an empty text where there is none.
ComparisonRow figureRow(const QString& title, const std::vector<std::optional<double>>& values,
                        const std::vector<QString>& texts, bool lowestIsBest, const QString& mark) {
    ComparisonRow row{ComparisonRow::Kind::Result, {}, title, {}};
    std::optional<double> best, worst;
    for (const auto& value : values)
        if (value) {
            best = best ? (lowestIsBest ? std::min(*best, *value) : std::max(*best, *value)) : *value;
            worst = worst ? (lowestIsBest ? std::max(*worst, *value) : std::min(*worst, *value)) : *value;
        }
    for (size_t i = 0; i < values.size(); ++i) {
        const bool isBest = values[i] && best != worst && *values[i] == *best;
        row.cells.push_back({values[i] ? texts[i] : QStringLiteral("–"), isBest ? mark : QString(), false});
    }
    return row;
}

std::optional<double> finite(std::optional<double> value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
}

ComparisonRow evaluationRow(const std::vector<const RunHistory*>& runs) {
    std::vector<std::optional<double>> values;
    std::vector<QString> texts;
    std::optional<int64_t> common;
    bool isCommon = true;
    for (const RunHistory* run : runs) {
        if (run->evaluations.empty()) {
            values.emplace_back();
            continue;
        }
        const EvaluationRecord& last = run->evaluations.back();
        isCommon = isCommon && (!common || *common == last.step);
        common = last.step;
        values.push_back(finite(last.loss));
    }
    for (const RunHistory* run : runs) {
        if (run->evaluations.empty()) {
            texts.emplace_back();
            continue;
        }
        const EvaluationRecord& last = run->evaluations.back();
        texts.push_back(isCommon ? formatLoss(last.loss)
                                 : tr("%1 at step %2").arg(formatLoss(last.loss), formatCount(last.step)));
    }
    const QString title = isCommon && common ? tr("Eval loss, step %1").arg(formatCount(*common)) : tr("Eval loss");
    return figureRow(title, values, texts, true, tr("lowest"));
}

} // namespace

std::vector<QPointF> lossCurve(const RunHistory& run, CompareAxis axis, bool isSmoothed) {
    const std::vector<double> places = placesOf(run.metrics, axis);
    std::vector<QPointF> points;
    points.reserve(places.size());
    for (size_t i = 0; i < places.size(); ++i)
        points.emplace_back(places[i], run.metrics[i].loss);
    return isSmoothed ? smoothed(points) : points;
}

std::vector<QPointF> evaluationCurve(const RunHistory& run, CompareAxis axis) {
    const std::vector<double> places = placesOf(run.metrics, axis);
    std::vector<QPointF> points;
    for (const EvaluationRecord& evaluation : run.evaluations) {
        if (axis == CompareAxis::Step || evaluation.step == 0) {
            points.emplace_back(double(evaluation.step), evaluation.loss);
            continue;
        }
        const auto step = std::ranges::lower_bound(run.metrics, evaluation.step, {}, &StepMetrics::step);
        if (step != run.metrics.end())
            points.emplace_back(places[size_t(step - run.metrics.begin())], evaluation.loss);
    }
    return points;
}

bool ComparisonRow::differs() const {
    return std::ranges::any_of(cells, &ComparisonCell::differs);
}

std::vector<ComparisonRow> settingRows(const std::vector<const RunRecord*>& runs) {
    std::vector<QHash<QString, QString>> values;
    QStringList keys; // of all runs, in the order of the first that has them
    for (const RunRecord* run : runs) {
        QHash<QString, QString> ofRun;
        for (const RunSetting& setting : settingsOf(*run)) {
            const QString key = QString::fromStdString(setting.key);
            ofRun.insert(key, QString::fromStdString(setting.value));
            if (!keys.contains(key) && key != QLatin1String("name"))
                keys.append(key);
        }
        values.push_back(std::move(ofRun));
    }
    std::vector<ComparisonRow> rows;
    for (const QString& key : keys) {
        ComparisonRow row{ComparisonRow::Kind::Setting, key, settingTitle(key), {}};
        for (const auto& ofRun : values) {
            const QString value = ofRun.value(key);
            const bool differs = !ofRun.isEmpty() && value != values.front().value(key);
            row.cells.push_back({ofRun.isEmpty() ? QString() : shownValue(key, value), {}, differs});
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<ComparisonRow> resultRows(const std::vector<const RunHistory*>& runs) {
    std::vector<std::optional<double>> losses, peaks, speeds;
    std::vector<QString> lossTexts, peakTexts, speedTexts;
    ComparisonRow states{ComparisonRow::Kind::Result, {}, tr("State"), {}};
    for (const RunHistory* run : runs) {
        const RunFigures figures = runFigures(*run);
        states.cells.push_back({runStateText(run->record), {}, false});
        const std::optional<double> loss = smoothedLoss(run->metrics);
        losses.push_back(finite(loss));
        lossTexts.push_back(formatLoss(loss.value_or(std::nan(""))));
        int64_t peak = 0;
        for (const auto& [tag, bytes] : run->record.peak)
            peak += bytes;
        peaks.push_back(peak > 0 ? std::optional(double(peak)) : std::nullopt);
        peakTexts.push_back(formatMemory(peak));
        speeds.push_back(finite(figures.tokensPerSecond));
        QString speed = formatSpeed(figures.tokensPerSecond.value_or(std::nan("")));
        if (figures.seconds)
            speed = tr("%1, %2").arg(speed, formatDuration(*figures.seconds));
        speedTexts.push_back(speed);
    }
    return {{ComparisonRow::Kind::Section, {}, tr("Result"), std::vector<ComparisonCell>(runs.size())},
            std::move(states),
            evaluationRow(runs),
            figureRow(tr("Training loss"), losses, lossTexts, true, tr("lowest")),
            figureRow(tr("Peak memory"), peaks, peakTexts, true, tr("lowest")),
            figureRow(tr("Speed and time"), speeds, speedTexts, false, tr("fastest"))};
}

} // namespace lorikeet::ui
