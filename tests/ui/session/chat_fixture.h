// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>

#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "core/jobs/model_library.h"
#include "core/jobs/train_job.h"
#include "core/jobs/workshop.h"
#include "tests/support/test_paths.h"

namespace lorikeet::ui {

/// A data folder with a tiny model in its library, "tiny", and on request a run over it.
class ChatTest : public testing::Test {
protected:
    ChatTest() : m_workshop(std::make_shared<Workshop>(options())) {
        addModel(m_workshop->folder(), modelPath(), std::string("tiny"));
    }

    static std::string modelPath() { return sourceFile("tests/data/jobs/model").string(); }

    WorkshopOptions options() const {
        WorkshopOptions options;
        options.dataDir = m_folder / "data";
        options.threads = 2;
        return options;
    }

    /// Trains the tiny model for three steps, with a checkpoint after the second.
    EndEvent trainRun(const std::string& name = "colours") {
        const std::filesystem::path rows = m_folder / "rows.jsonl";
        std::ofstream(rows) << R"({"prompt": "What is blue?", "completion": "The sky."}
{"prompt": "What is green?", "completion": "The grass is."}
)";
        RunConfig config;
        config.name = name;
        config.model = "tiny";
        config.data.train = rows.string();
        config.training.maxSteps = 3;
        config.training.batchSize = 1;
        config.training.accumulationSteps = 1;
        config.training.learningRate = 5e-2;
        config.every = {.log = 1, .eval = 0, .sample = 0, .save = 2};
        return lorikeet::trainRun(*m_workshop, config, [](const RunEvent&) {});
    }

    TemporaryFolder m_folder;
    std::shared_ptr<Workshop> m_workshop;
};

} // namespace lorikeet::ui
