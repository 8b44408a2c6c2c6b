// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include <gmock/gmock.h>

#include "core/base/files.h"
#include "core/jobs/open_model.h"
#include "core/runs/run_store.h"
#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

/// What a test throws in place of kill -9.
struct Killed {};

constexpr WallTime kMonday = 1700438400; // 2023-11-20
constexpr WallTime kDay = 86400;

/// A model whose chat template tells the date in words of different lengths, on a clock that tests set.
class RunMoment : public JobsTest {
protected:
    RunMoment() : m_model(m_folder / "dated") {
        fs::copy(modelPath(), m_model);
        std::ofstream(m_model / "chat_template.jinja")
            << "{{ strftime_now('%A') }} {% for message in messages %}{{ message['content'] }} {% endfor %}";
    }
    std::unique_ptr<Workshop> openWorkshop() {
        WorkshopOptions withClock = options();
        withClock.clock = [this] {
            ++m_asked;
            return m_now;
        };
        return std::make_unique<Workshop>(withClock);
    }
    RunConfig datedRun() {
        RunConfig config = smallRun();
        config.model = m_model.string();
        config.data.chatTemplate = TemplateChoice::Chat;
        config.data.evalFraction = 0.2;
        config.training.maxSteps = 4;
        config.every = {.log = 1, .eval = 1, .sample = 2, .save = 1};
        config.samples = {{"What is blue?"}, 3};
        return config;
    }
    RunObserver noting() {
        return [this](const RunEvent& event) {
            m_events.push_back(event);
            m_now += kDay; // no two events on the same day
        };
    }
    std::vector<double> losses() const {
        std::vector<double> all;
        for (const StepEvent& event : eventsOf<StepEvent>())
            all.push_back(event.loss);
        for (const EvalEvent& event : eventsOf<EvalEvent>())
            all.push_back(event.loss);
        return all;
    }

    fs::path m_model;
    WallTime m_now = kMonday;
    int m_asked = 0;
};

TEST_F(RunMoment, ARunIsOfOneDayHoweverManyPassWhileItTrains) {
    const auto workshop = openWorkshop();
    const EndEvent end = trainRun(*workshop, datedRun(), noting());
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    EXPECT_EQ(m_asked, 1);
    EXPECT_EQ(workshop->runs().get(end.run).moment, kMonday);
    const std::vector<double> first = losses();
    m_events.clear();
    m_now = kMonday + 2 * kDay; // Wednesday
    trainRun(*workshop, datedRun(), noting());
    EXPECT_NE(losses(), first) << "the date is in no row";
    m_events.clear();
    m_now = kMonday;
    trainRun(*workshop, datedRun(), noting());
    EXPECT_EQ(losses(), first);
}

TEST_F(RunMoment, AResumeOnAnotherDayGoesOnWithTheDayOfTheStart) {
    const auto workshop = openWorkshop();
    const EndEvent alone = trainRun(*workshop, datedRun(), noting());
    m_now = kMonday;
    std::string killed;
    try {
        trainRun(*workshop, datedRun(), [&](const RunEvent& event) {
            if (const auto* step = std::get_if<StepEvent>(&event); step && step->step == 3)
                throw Killed();
        });
    } catch (const Killed&) {
        killed = workshop->runs().list().at(0).id;
    }
    m_now = kMonday + 2 * kDay;
    m_events.clear();
    RunControl control;
    const auto later = openWorkshop();
    const EndEvent end = resumeRun(*later, killed, noting(), {}, control);
    EXPECT_EQ(eventsOf<StartEvent>().at(0).resumedFrom, 2);
    EXPECT_EQ(readTextFile(*end.adapter / "adapter_model.safetensors"),
              readTextFile(*alone.adapter / "adapter_model.safetensors"));
    EXPECT_EQ(later->runs().samples(killed).back().text, later->runs().samples(alone.run).back().text);
    EXPECT_EQ(later->runs().get(killed).moment, kMonday);
}

TEST_F(RunMoment, AModelToTalkToTellsTheDayOfEachAnswer) {
    const ChatMessage message{"user", "hello"};
    EXPECT_EQ(openText(m_model, kMonday).chatTemplate->render({&message, 1}, true), "Monday hello ");
    EXPECT_EQ(openText(m_model).chatTemplate->render({&message, 1}, true),
              wallTimeText(wallTimeNow(), "%A") + " hello ");
}

} // namespace
} // namespace lorikeet
