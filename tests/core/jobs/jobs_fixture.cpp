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

RunConfig JobsTest::smallFullRun() const {
    RunConfig config = smallRun();
    config.method = Method::Full;
    config.quantization = quantizationFor(Method::Full);
    config.lora = {};
    return config;
}

EndEvent JobsTest::train(const RunConfig& config, std::stop_token stop) {
    m_events.clear();
    return trainRun(
        m_workshop, config, [this](const RunEvent& event) { m_events.push_back(event); }, {}, stop);
}

} // namespace lorikeet
