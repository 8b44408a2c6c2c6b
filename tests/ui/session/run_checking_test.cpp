// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_checking.h"

#include <fstream>

#include "tests/support/test_paths.h"

namespace lorikeet::ui {
namespace {

constexpr int kPatience = 10000; // ms

TEST(RunChecking, AnswersTheNewestAtOnceAndAgainWithWhatItsFilesSay) {
    TemporaryFolder folder;
    std::ofstream(folder / "rows.jsonl") << R"({"prompt": "What is blue?", "completion": "The sky."})" << '\n';
    WorkshopOptions options;
    options.dataDir = folder / "data";
    RunChecking checking(std::make_shared<Workshop>(options));
    std::vector<std::shared_ptr<const CheckedRunConfig>> answers;
    QObject::connect(&checking, &RunChecking::checked,
                     [&](const std::shared_ptr<const CheckedRunConfig>& run) { answers.push_back(run); });
    RunConfig config;
    config.model = sourceFile("tests/data/jobs/model").string();
    config.data.train = (folder / "rows.jsonl").string();
    for (int rank = 1; rank <= 20; ++rank) {
        config.lora.rank = rank;
        checking.check(config);
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return !answers.empty() && !answers.back()->check.isProvisional; }, kPatience));
    // Those that nobody waits for any more are not told.
    for (const auto& answer : answers)
        EXPECT_EQ(answer->config.lora.rank, 20);
    EXPECT_TRUE(answers.front()->check.isProvisional);
    EXPECT_EQ(answers.back()->check.data->rows, 1);
}

TEST(RunChecking, GoesAwayWhileItReads) {
    TemporaryFolder folder;
    WorkshopOptions options;
    options.dataDir = folder / "data";
    std::ofstream rows(folder / "rows.jsonl");
    for (int i = 0; i < 100000; ++i)
        rows << R"({"prompt": "What is blue?", "completion": "The sky is, when the sun shines on it."})" << '\n';
    rows.close();
    RunConfig config;
    config.model = sourceFile("tests/data/jobs/model").string();
    config.data.train = (folder / "rows.jsonl").string();
    auto checking = std::make_unique<RunChecking>(std::make_shared<Workshop>(options));
    QSignalSpy reading(checking.get(), &RunChecking::reading);
    checking->check(config);
    ASSERT_TRUE(QTest::qWaitFor([&] { return reading.count() > 0; }, kPatience));
    QElapsedTimer timer;
    timer.start();
    checking.reset();
    EXPECT_LT(timer.elapsed(), 2000);
}

} // namespace
} // namespace lorikeet::ui
