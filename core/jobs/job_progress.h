// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>

namespace lorikeet {

/// What a job does before the part that it is for.
enum class JobStage : uint8_t { FetchingModel, LoadingModel, ReadingData, ChoosingBlocksizes };

struct JobProgress {
    JobStage stage = JobStage::LoadingModel;
    double fraction = 0.0; ///< of the stage, 0 to 1
};

/// Called on the job's thread, a few times a second at most or so; may be empty.
using ProgressObserver = std::function<void(const JobProgress&)>;

} // namespace lorikeet
