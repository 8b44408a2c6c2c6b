// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/jobs/train_job.h"
#include "core/jobs/workshop.h"
#include "tests/support/jobs/small_run.h"

namespace lorikeet {

/// A workshop over a data folder of its own, and a tiny model with a tokenizer and a chat template.
class JobsTest : public testing::Test {
protected:
    JobsTest();

    static std::string modelPath() { return sourceFile("tests/data/jobs/model").string(); }
    WorkshopOptions options() const;
    /// Writes a file of rows into the temporary folder.
    std::string writeRows(const std::string& name, const std::string& content);
    /// Three steps over five rows of questions and answers.
    RunConfig smallRun() const { return lorikeet::smallRun(m_folder); }
    /// The same as a full finetuning.
    RunConfig smallFullRun() const;
    EndEvent train(const RunConfig& config, std::stop_token stop = {});

    template <typename Event>
    std::vector<Event> eventsOf() const {
        std::vector<Event> found;
        for (const RunEvent& event : m_events)
            if (const auto* one = std::get_if<Event>(&event))
                found.push_back(*one);
        return found;
    }

    TemporaryFolder m_folder;
    Workshop m_workshop;
    std::vector<RunEvent> m_events;
};

} // namespace lorikeet
