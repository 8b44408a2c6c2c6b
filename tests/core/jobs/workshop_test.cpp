// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/workshop.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/model/base_model.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

TEST(Workshop, WhoeverIsStoppedDoesNotWaitUntilAnotherHasLoaded) {
    const TemporaryFolder folder;
    WorkshopOptions options;
    options.dataDir = folder / "data";
    options.threads = 1;
    Workshop workshop(options);
    const std::filesystem::path model = sourceFile("tests/data/jobs/model");
    const auto context = workshop.backend().createContext(), other = workshop.backend().createContext();
    std::promise<void> begun, mayEnd;
    std::shared_ptr<const BaseModel> loaded;
    std::jthread loader([&] {
        bool isFirst = true;
        loaded = workshop.base(*context, model, {}, [&](double) {
            if (!std::exchange(isFirst, false))
                return;
            begun.set_value();
            mayEnd.get_future().wait();
        });
    });
    begun.get_future().wait();
    std::stop_source stop;
    auto waiting = std::async(std::launch::async, [&] {
        try {
            workshop.base(*other, model, {}, {}, stop.get_token());
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::InvalidArgument;
    });
    stop.request_stop();
    EXPECT_EQ(waiting.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    mayEnd.set_value();
    EXPECT_EQ(waiting.get(), ErrorCode::Cancelled);
    loader.join();
    EXPECT_EQ(workshop.base(*other, model, {}), loaded);
}

} // namespace
} // namespace lorikeet
