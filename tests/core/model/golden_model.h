// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/cpu/cpu_backend.h"
#include "core/formats/tensor_file.h"
#include "core/model/adapter.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"

namespace lorikeet {

/// A backend, a context on it, and how tests cross between host and device.
struct TestDevice {
    explicit TestDevice(int threads = 1, std::string_view kernels = "portable")
        : backend(threads, kernels), context(backend.createContext()) {}

    ExecutionContext& operator*() const { return *context; }
    std::vector<float> floats(const Tensor& tensor) const;
    Storage zeros(const Shape& shape) const;

    mutable CpuBackend backend;
    std::unique_ptr<ExecutionContext> context;
};

/// One folder of tests/data/model.
class GoldenModel {
public:
    explicit GoldenModel(const std::string& name);

    const std::filesystem::path& folder() const { return m_folder; }
    std::vector<float> values(const std::string& name) const;
    std::vector<int32_t> integers(const std::string& name) const;
    /// Tokens with the golden's target rows, or with every row as a target row (of target 0).
    DeviceBatch batch(ExecutionContext&, const ModelConfig&) const;
    DeviceBatch allRows(ExecutionContext&, const ModelConfig&) const;

private:
    std::filesystem::path m_folder;
    std::unique_ptr<TensorFile> m_golden;
};

/// Every folder of tests/data/model.
std::vector<std::string> goldenModelNames();

/// A golden model's weights in float32, dense.
std::shared_ptr<const BaseModel> loadExactly(ExecutionContext&, const std::filesystem::path& model);

/// max |a - b| / max |b|
double relativeDifference(std::span<const float> a, std::span<const float> b);

} // namespace lorikeet
