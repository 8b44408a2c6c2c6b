// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "core/runs/run_record.h"
#include "ui/theme/tokens.h"

namespace lorikeet::ui {

// How a run is called and described, the same on every page.

/// Its name, or its id where it has none.
QString runTitle(const RunRecord& run);
/// "Finished", "Interrupted at 300", "Training, 61 %".
QString runStateText(const RunRecord& run);
/// Of resources/icons.
QString runStateIcon(RunState state);
ColorToken runStateColor(RunState state);
/// The model's name without folders and ".gguf".
QString modelTitle(const std::string& model);
/// The dataset's file without folders and ending.
QString datasetTitle(const std::string& dataset);
/// "NF4, r 16", "16-bit, r 8"; what the configuration says, else the record's own word.
QString methodText(const RunRecord& run);
/// The step at which the run first answers its fixed prompts; 0 where it has none.
int64_t firstSampleStep(const RunRecord& run);
/// The norm above which the run clips its gradients; 0: it does not.
double maxGradNorm(const RunRecord& run);
/// The share of its steps that it has done, 0 to 1; 0 where the whole is not known.
double runShare(const RunRecord& run);

} // namespace lorikeet::ui
