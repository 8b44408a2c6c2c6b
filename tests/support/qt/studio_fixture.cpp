// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/qt/studio_fixture.h"

#include <fstream>

#include <QTest>

namespace lorikeet::ui {
namespace {

WorkshopOptions optionsFor(const TemporaryFolder& folder) {
    WorkshopOptions options;
    options.dataDir = folder / "data";
    options.threads = 2;
    return options;
}

} // namespace

StudioTest::StudioTest() : m_studio(optionsFor(m_folder)) {}

std::string StudioTest::writeFile(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = m_folder / name;
    std::ofstream(path) << content;
    return path.string();
}

QString StudioTest::train(const RunConfig& config) {
    QString run;
    const auto connection =
        QObject::connect(&m_studio.training(), &TrainingSession::ended, [&](const TrainingEnd& end) { run = end.run; });
    m_studio.training().start(config);
    waitUntil([&] { return !m_studio.training().isActive(); });
    QObject::disconnect(connection);
    waitUntil([&] {
        const RunRecord* record = m_studio.runs().find(run);
        return record && record->state == RunState::Finished;
    });
    return run;
}

bool waitUntil(const std::function<bool()>& condition, int milliseconds) {
    return QTest::qWaitFor(condition, milliseconds);
}

} // namespace lorikeet::ui
