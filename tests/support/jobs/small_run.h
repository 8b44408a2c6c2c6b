// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fstream>

#include "core/train/run_config.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

/// Some steps of the tiny model, which has a tokenizer and a chat template, over five rows of questions and answers,
/// written into `folder`.
inline RunConfig smallRun(const TemporaryFolder& folder, int64_t steps = 3) {
    const std::filesystem::path rows = folder / "rows.jsonl";
    std::ofstream(rows) << R"({"prompt": "What is blue?", "completion": "The sky."}
{"prompt": "What is green?", "completion": "The grass is."}
{"prompt": "What is red?", "completion": "A rose, sometimes."}
{"prompt": "What is white?", "completion": "Snow."}
{"prompt": "What is black?", "completion": "The night is black."}
)";
    RunConfig config;
    config.name = "small";
    config.model = sourceFile("tests/data/jobs/model").string();
    config.data.train = rows.string();
    config.training.maxSteps = steps;
    config.training.batchSize = 2;
    config.training.accumulationSteps = 1;
    config.training.learningRate = 5e-3;
    config.every = {.log = 1, .eval = 0, .sample = 0, .save = 0};
    return config;
}

} // namespace lorikeet
