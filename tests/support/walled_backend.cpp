// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/walled_backend.h"

#include <vector>

namespace lorikeet {

namespace {

constexpr std::size_t kCapacity = std::size_t(64) << 30; // of addresses; pages come with their use

/// Runs what is queued before it goes, as a stream does.
class WalledContext : public ExecutionContext {
public:
    explicit WalledContext(WalledBackend& backend) : ExecutionContext(backend), m_walled(backend) {}
    ~WalledContext() override {
        try {
            m_walled.flush();
        } catch (...) { // NOLINT: a failure shows at a download, not here
        }
    }

private:
    WalledBackend& m_walled;
};

} // namespace

WalledBackend::WalledBackend(WalledMode mode, int threads, std::string_view kernels)
    : CpuBackend(threads, kernels), m_mode(mode), m_arena(kCapacity) {}

WalledBackend::~WalledBackend() = default;

std::unique_ptr<ExecutionContext> WalledBackend::createContext() {
    return std::make_unique<WalledContext>(*this);
}

std::byte* WalledBackend::allocateBytes(std::size_t bytes) {
    return m_arena.take(bytes);
}

void WalledBackend::freeBytes(std::byte* data, std::size_t) noexcept {
    submit([this, data] { m_arena.give(data); });
}

int64_t WalledBackend::queued() const {
    const std::lock_guard lock(m_queueMutex);
    return int64_t(m_queue.size());
}

void WalledBackend::runOpen(const std::function<void()>& operation) {
    struct Opening {
        WalledArena& arena;
        explicit Opening(WalledArena& walled) : arena(walled) { arena.open(); }
        ~Opening() { arena.close(); }
    } opening(m_arena);
    operation();
}

void WalledBackend::submit(std::function<void()> operation) {
    if (m_mode == WalledMode::Immediate) {
        runOpen(operation);
        return;
    }
    const std::lock_guard lock(m_queueMutex);
    m_queue.push_back(std::move(operation));
}

void WalledBackend::flush() {
    const std::lock_guard flushing(m_flushMutex);
    const auto next = [&]() -> std::function<void()> {
        const std::lock_guard lock(m_queueMutex);
        if (m_queue.empty())
            return {};
        std::function<void()> operation = std::move(m_queue.front());
        m_queue.pop_front();
        return operation;
    };
    while (const std::function<void()> operation = next())
        runOpen(operation);
}

void WalledBackend::doUpload(ExecutionContext& context, const void* host, const Tensor& destination) {
    const auto* bytes = static_cast<const std::byte*>(host);
    submit([this, &context, copied = std::vector<std::byte>(bytes, bytes + destination.bytes()), destination] {
        CpuBackend::doUpload(context, copied.data(), destination);
    });
}

void WalledBackend::doDownload(ExecutionContext& context, const Tensor& source, void* host) {
    ++m_downloads;
    flush();
    runOpen([&] { CpuBackend::doDownload(context, source, host); });
}

void WalledBackend::doSynchronize(ExecutionContext&) {
    ++m_synchronizations;
    flush();
}

} // namespace lorikeet
