// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/model/golden_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/formats/safetensors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

std::vector<float> TestDevice::floats(const Tensor& tensor) const {
    std::vector<float> values(std::size_t(tensor.elements()));
    backend.download(*context, tensor, values.data());
    return values;
}

Storage TestDevice::zeros(const Shape& shape) const {
    Storage storage = context->allocate(DType::F32, shape, MemoryTag::Workspace);
    backend.fill(*context, storage, 0.0f);
    return storage;
}

GoldenModel::GoldenModel(const std::string& name)
    : m_folder(sourceFile("tests/data/model/" + name)), m_golden(openSafetensors(m_folder / "golden.safetensors")) {}

std::vector<float> GoldenModel::values(const std::string& name) const {
    const TensorRecord& record = m_golden->at(name);
    std::vector<float> values(std::size_t(record.elements()));
    decode(record, 0, values);
    return values;
}

std::vector<int32_t> GoldenModel::integers(const std::string& name) const {
    const std::vector<float> floats = values(name);
    return {floats.begin(), floats.end()};
}

DeviceBatch GoldenModel::batch(ExecutionContext& context, const ModelConfig& config) const {
    const auto tokens = integers("tokens"), offsets = integers("offsets"), rows = integers("target_rows"),
               targets = integers("targets");
    return uploadBatch(context, {tokens, offsets, {}, rows, targets}, config.vocabularySize);
}

DeviceBatch GoldenModel::allRows(ExecutionContext& context, const ModelConfig& config) const {
    const auto tokens = integers("tokens"), offsets = integers("offsets");
    std::vector<int32_t> rows(tokens.size());
    std::iota(rows.begin(), rows.end(), 0);
    const std::vector<int32_t> targets(rows.size(), 0);
    return uploadBatch(context, {tokens, offsets, {}, rows, targets}, config.vocabularySize);
}

std::vector<std::string> goldenModelNames() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(sourceFile("tests/data/model")))
        if (entry.is_directory())
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::shared_ptr<const BaseModel> loadExactly(ExecutionContext& context, const std::filesystem::path& model) {
    LoadOptions options;
    options.computeType = DType::F32;
    options.threads = 1;
    return BaseModel::load(context, model, options);
}

double relativeDifference(std::span<const float> a, std::span<const float> b) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (a.size() != b.size())
        return kInfinity;
    double difference = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double one = std::abs(double(a[i]) - double(b[i]));
        difference = std::isnan(one) ? kInfinity : std::max(difference, one);
        largest = std::max(largest, std::abs(double(b[i])));
    }
    return difference / largest;
}

} // namespace lorikeet
