// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/cpu_backend.h"

#include <cmath>
#include <cstring>

#include "core/base/half.h"
#include "core/base/system_memory.h"
#include "core/cpu/cpu_workspace.h"
#include "core/cpu/tiles.h"

namespace lorikeet {

CpuBackend::CpuBackend(int threads, std::string_view kernels) : m_pool(threads), m_kernels(chooseKernelSet(kernels)) {}

CpuBackend::~CpuBackend() = default;

std::string CpuBackend::kernels() const {
    return std::string(kernelSetName(m_kernels));
}

int64_t CpuBackend::totalMemory() const {
    return systemMemory().total;
}

std::unique_ptr<ExecutionContext> CpuBackend::createContext() {
    return std::make_unique<ExecutionContext>(*this);
}

std::unique_ptr<WorkspaceSizes> CpuBackend::workspaceSizes() const {
    return std::make_unique<CpuWorkspace>(m_pool.threads(), m_kernels);
}

std::byte* CpuBackend::allocateBytes(std::size_t bytes) {
    return m_blocks.take(bytes);
}

void CpuBackend::freeBytes(std::byte* data, std::size_t bytes) noexcept {
    m_blocks.give(data, bytes);
}

void CpuBackend::doUpload(ExecutionContext&, const void* host, const Tensor& destination) {
    std::memcpy(destination.data, host, destination.bytes());
}

void CpuBackend::doDownload(ExecutionContext&, const Tensor& source, void* host) {
    std::memcpy(host, source.data, source.bytes());
}

void CpuBackend::doCopy(ExecutionContext&, const Tensor& source, const Tensor& destination) {
    forEachTile(m_pool, int64_t(source.bytes()), kTileBytes, [&](int64_t begin, int64_t end) {
        std::memcpy(destination.data + begin, source.data + begin, std::size_t(end - begin));
    });
}

void CpuBackend::doFill(ExecutionContext&, const Tensor& destination, float value) {
    const auto fillAll = [&]<typename T>(T element) {
        T* data = reinterpret_cast<T*>(destination.data);
        forEachTile(m_pool, destination.elements(), kTileElements,
                    [&](int64_t begin, int64_t end) { std::fill(data + begin, data + end, element); });
    };
    if (destination.dtype == DType::F32)
        fillAll(value);
    else if (destination.dtype == DType::BF16)
        fillAll(floatToBfloat16(value));
    else if (destination.dtype == DType::U8)
        fillAll(uint8_t(std::lrint(value)));
    else
        fillAll(int32_t(std::lrint(value)));
}

void CpuBackend::doSynchronize(ExecutionContext&) {}

} // namespace lorikeet
