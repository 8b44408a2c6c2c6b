// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/wall_time.h"
#include "core/model/blocksizes.h"
#include "core/quant/quantize.h"
#include "core/runs/data_folder.h"
#include "core/tensor/dtype.h"

namespace lorikeet {

class Backend;
class BaseModel;
class ExecutionContext;
class RunStore;
class WorkspaceSizes;

/// What every command and the window can choose.
struct WorkshopOptions {
    std::optional<std::filesystem::path> dataDir; ///< else the environment's
    std::string device = "auto";                  ///< "auto", "cpu"
    int threads = 0;                              ///< 0: as many as the process may use
    std::string kernels = "auto";                 ///< for jobs that do not name a set themselves
    /// What tells a run that starts its date.
    std::function<WallTime()> clock = wallTimeNow;
};

/// How a base model is wanted in memory.
struct BaseChoice {
    std::optional<QuantizationSpec> quantization; ///< none: dense, in the compute type
    DType computeType = DType::BF16;
    Blocksizes blocksizes = {}; ///< where the layers differ in it

    bool operator==(const BaseChoice&) const = default;
};

/// What all jobs of a process share: the data folder, the database of runs, the device, and the base models that are
/// open, each once by file, quantization and compute type. Any thread. Must outlive everything that came from it.
class Workshop {
public:
    /// Creates nothing on disk. Throws NotBuilt for a device that this version cannot use, BadConfig for an unknown
    /// one.
    explicit Workshop(WorkshopOptions options = {});
    ~Workshop();
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    const WorkshopOptions& options() const { return m_options; }
    const DataFolder& folder() const { return m_folder; }
    /// The database of runs, opened for writing (and created) on first use. Throws what RunStore throws.
    RunStore& runs();
    /// The device with this set of kernels; "auto" is what the options say. Made on first use.
    Backend& backend(std::string_view kernels = "auto");
    /// Gives back to the system what the devices keep of freed memory for later use.
    void releaseMemory() noexcept;
    /// What that device's operations need beside their tensors.
    std::shared_ptr<const WorkspaceSizes> workspace(std::string_view kernels = "auto");
    /// Loads a model folder or .gguf file, or shares it with whoever holds it already. Throws as BaseModel::load.
    std::shared_ptr<const BaseModel> base(ExecutionContext& context, const std::filesystem::path& model,
                                          const BaseChoice& choice, const std::function<void(double)>& progress = {},
                                          std::stop_token stop = {});

private:
    struct State;
    WorkshopOptions m_options;
    DataFolder m_folder;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
