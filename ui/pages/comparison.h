// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QString>

#include <vector>

#include "ui/session/run_feed.h"

namespace lorikeet::ui {

/// What the curves of compared runs are drawn over.
enum class CompareAxis { Step, Tokens, Epoch, Time };

/// A run's loss after each step, as it was or smoothed; steps whose place on the axis is not known are left out.
std::vector<QPointF> lossCurve(const RunHistory& run, CompareAxis axis, bool isSmoothed);
/// A run's evaluations; over tokens, epochs or time each stands where its step does.
std::vector<QPointF> evaluationCurve(const RunHistory& run, CompareAxis axis);

struct ComparisonCell {
    QString text;
    QString note;         ///< beside it: "lowest"
    bool differs = false; ///< from the reference
};

struct ComparisonRow {
    enum class Kind { Setting, Section, Result };
    Kind kind = Kind::Setting;
    QString key; ///< of a setting
    QString title;
    std::vector<ComparisonCell> cells; ///< one for each run

    bool differs() const;
};

/// Every setting but the name, in the order of a run's file; the first run is the reference. A run whose settings
/// cannot be read has empty cells.
std::vector<ComparisonRow> settingRows(const std::vector<const RunRecord*>& runs);
/// What the runs came to: loss, evaluation, memory, speed, with the best marked where there are two or more.
std::vector<ComparisonRow> resultRows(const std::vector<const RunHistory*>& runs);

} // namespace lorikeet::ui
