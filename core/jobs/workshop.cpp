// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/workshop.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <tuple>

#include "core/backend/workspace_sizes.h"
#include "core/base/error.h"
#include "core/cpu/cpu_backend.h"
#include "core/model/base_model.h"
#include "core/runs/run_store.h"

namespace lorikeet {
namespace {

/// Tells apart what may not be shared: another file, device, quantization or type.
using BaseKey = std::tuple<std::string, int64_t, const Backend*, QuantType, int, bool, DType, Blocksizes>;

int64_t changedAt(const std::filesystem::path& path) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(path, error);
    return error ? 0 : int64_t(time.time_since_epoch().count());
}

BaseKey keyOf(const Backend& backend, const std::filesystem::path& model, const BaseChoice& choice) {
    const QuantizationSpec spec = choice.quantization.value_or(QuantizationSpec{QuantType::None, 0, false});
    return {std::filesystem::weakly_canonical(model).string(),
            changedAt(model),
            &backend,
            spec.type,
            spec.blocksize,
            spec.doubleQuant,
            choice.computeType,
            choice.blocksizes};
}

void requireKnownDevice(const std::string& device) {
    if (device == "auto" || device == "cpu")
        return;
    if (device.starts_with("cuda"))
        fail(ErrorCode::NotBuilt, "device \"{}\": not built yet; \"cpu\" is", device);
    fail(ErrorCode::BadConfig, "device is \"{}\"; allowed is auto or cpu", device);
}

} // namespace

struct Workshop::State {
    std::mutex mutex;
    std::unique_ptr<RunStore> runs;
    std::map<std::string, std::unique_ptr<CpuBackend>, std::less<>> backends;
    /// One loads at a time: two loads of one model must end as one.
    class Turn;
    std::mutex turns;
    std::condition_variable_any turnEnded;
    bool isLoading = false;
    std::map<BaseKey, std::weak_ptr<const BaseModel>> bases;

    CpuBackend& processor(std::string_view kernels, int threads);
};

/// The right to load and to use `bases`, while it lives.
class Workshop::State::Turn {
public:
    /// Waits for it. Throws Cancelled.
    Turn(State& state, const std::filesystem::path& model, const std::stop_token& stop) : m_state(state) {
        std::unique_lock lock(m_state.turns);
        if (!m_state.turnEnded.wait(lock, stop, [&] { return !m_state.isLoading; }))
            fail(ErrorCode::Cancelled, "{}: stopped before it was loaded", model.string());
        m_state.isLoading = true;
    }
    ~Turn() {
        {
            const std::lock_guard lock(m_state.turns);
            m_state.isLoading = false;
        }
        m_state.turnEnded.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    State& m_state;
};

Workshop::Workshop(WorkshopOptions options)
    : m_options(std::move(options)), m_folder(findDataFolder(m_options.dataDir)), m_state(std::make_unique<State>()) {
    requireKnownDevice(m_options.device);
    if (m_options.kernels != "auto")
        chooseKernelSet(m_options.kernels); // refused now, not after minutes of other work
}

Workshop::~Workshop() = default;

RunStore& Workshop::runs() {
    const std::lock_guard lock(m_state->mutex);
    if (!m_state->runs)
        m_state->runs = std::make_unique<RunStore>(m_folder);
    return *m_state->runs;
}

CpuBackend& Workshop::State::processor(std::string_view kernels, int threads) {
    const std::string name = std::string(kernelSetName(chooseKernelSet(kernels)));
    const std::lock_guard lock(mutex);
    std::unique_ptr<CpuBackend>& backend = backends[name];
    if (!backend)
        backend = std::make_unique<CpuBackend>(threads, name);
    return *backend;
}

void Workshop::releaseMemory() noexcept {
    const std::lock_guard lock(m_state->mutex);
    for (const auto& [name, backend] : m_state->backends)
        if (backend)
            backend->releaseKept();
}

Backend& Workshop::backend(std::string_view kernels) {
    return m_state->processor(kernels == "auto" ? m_options.kernels : kernels, m_options.threads);
}

std::shared_ptr<const WorkspaceSizes> Workshop::workspace(std::string_view kernels) {
    return m_state->processor(kernels == "auto" ? m_options.kernels : kernels, m_options.threads).workspaceSizes();
}

std::shared_ptr<const BaseModel> Workshop::base(ExecutionContext& context, const std::filesystem::path& model,
                                                const BaseChoice& choice, const std::function<void(double)>& progress,
                                                std::stop_token stop) {
    const State::Turn turn(*m_state, model, stop);
    std::weak_ptr<const BaseModel>& known = m_state->bases[keyOf(context.backend(), model, choice)];
    if (std::shared_ptr<const BaseModel> shared = known.lock())
        return shared;
    LoadOptions options;
    options.quantization = choice.quantization;
    options.blocksizes = choice.blocksizes;
    options.computeType = choice.computeType;
    options.threads = m_options.threads;
    options.progress = progress;
    options.stop = std::move(stop);
    std::shared_ptr<const BaseModel> loaded = BaseModel::load(context, model, options);
    known = loaded;
    return loaded;
}

} // namespace lorikeet
