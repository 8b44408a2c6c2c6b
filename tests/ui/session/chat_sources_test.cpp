// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/chat_sources.h"

#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"

namespace lorikeet::ui {
namespace {

class ChatSourcesTest : public StudioTest {
protected:
    RunStore& store() { return m_studio.workshop()->runs(); }
    void trainTo(const std::string& run, int64_t step) {
        StepMetrics metrics;
        metrics.step = step;
        store().recordStep(run, metrics, {});
        store().recordCheckpoint(run, {.step = step, .path = "checkpoints/step-" + std::to_string(step)});
    }
    /// Looks until the newest point of the run is at this step.
    const ChatRun* runAt(const QString& id, int64_t step) {
        m_sources.setActive(true);
        waitUntil([&] {
            m_studio.runs().refresh();
            QTest::qWait(50);
            m_sources.refresh();
            QTest::qWait(50);
            return m_sources.run(id) && m_sources.run(id)->points[0].shownStep == step;
        });
        return m_sources.run(id);
    }

    ChatSources m_sources{m_studio};
};

TEST_F(ChatSourcesTest, TheAdapterOfAStopIsNotThatOfTheStepsAfterIt) {
    const std::string id = store().create({"big", modelPath(), "rows.jsonl", "lora", "{}"}).id;
    {
        const RunLock lock(store().folder().run(id));
        store().start(id, {});
        trainTo(id, 862);
        store().end(id, {RunState::Stopped, "adapter", {}});
    }
    const ChatRun* run = runAt(QString::fromStdString(id), 862);
    ASSERT_TRUE(run);
    ASSERT_EQ(run->points.size(), 1u);
    EXPECT_FALSE(run->points[0].step);
    const ChatSide stopped = m_sources.sideOf(*run, run->points[0]);
    EXPECT_EQ(m_sources.label(stopped), "big, step 862");

    {
        const RunLock lock(store().folder().run(id));
        store().start(id, {}); // it goes on, and is killed
        trainTo(id, 905);
    }
    run = runAt(QString::fromStdString(id), 905);
    ASSERT_TRUE(run);
    ASSERT_EQ(run->points.size(), 2u);
    EXPECT_EQ(run->points[0].step, 905);
    EXPECT_EQ(run->points[0].adapter, "checkpoints/step-905");
    EXPECT_EQ(run->points[1].step, 862);
    EXPECT_EQ(m_sources.label(stopped), "big") << "at no step of what came after it";
}

} // namespace
} // namespace lorikeet::ui
