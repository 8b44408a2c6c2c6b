// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/jobs/jobs_fixture.h"

#include <fstream>

namespace lorikeet {

JobsTest::JobsTest() : m_workshop(options()) {}

WorkshopOptions JobsTest::options() const {
    WorkshopOptions options;
    options.dataDir = m_folder / "data";
    options.threads = 2;
    return options;
}

std::string JobsTest::writeRows(const std::string& name, const std::string& content) {
    const std::filesystem::path path = m_folder / name;
    std::ofstream(path) << content;
    return path.string();
}

RunConfig JobsTest::smallRun() {
    RunConfig config;
    config.name = "small";
    config.model = modelPath();
    config.data.train = writeRows("rows.jsonl", R"({"prompt": "What is blue?", "completion": "The sky."}
{"prompt": "What is green?", "completion": "The grass is."}
{"prompt": "What is red?", "completion": "A rose, sometimes."}
{"prompt": "What is white?", "completion": "Snow."}
{"prompt": "What is black?", "completion": "The night is black."}
)");
    config.training.maxSteps = 3;
    config.training.batchSize = 2;
    config.training.accumulationSteps = 1;
    config.training.learningRate = 5e-3;
    config.every = {.log = 1, .eval = 0, .sample = 0, .save = 0};
    return config;
}

EndEvent JobsTest::train(const RunConfig& config, std::stop_token stop) {
    m_events.clear();
    return trainRun(
        m_workshop, config, [this](const RunEvent& event) { m_events.push_back(event); }, {}, stop);
}

} // namespace lorikeet
