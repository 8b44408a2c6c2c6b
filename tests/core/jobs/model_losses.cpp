// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/jobs/model_losses.h"

#include <numeric>

#include "core/cpu/cpu_backend.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "core/model/device_batch.h"

namespace lorikeet {

std::vector<float> modelLosses(const std::filesystem::path& model, const LoadOptions& options) {
    CpuBackend backend(1, "portable");
    const auto context = backend.createContext();
    const auto base = BaseModel::load(*context, model, options);
    std::vector<int32_t> tokens(24), rows(23);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] = int32_t(i * 7 % std::size_t(base->config().vocabularySize));
    std::iota(rows.begin(), rows.end(), 0);
    const std::vector<int32_t> targets(tokens.begin() + 1, tokens.end()), offsets = {0, 24};
    const DeviceBatch batch =
        uploadBatch(*context, {tokens, offsets, {}, rows, targets}, base->config().vocabularySize);
    const Storage losses = context->allocate(DType::F32, {int64_t(rows.size())}, MemoryTag::Workspace);
    targetLosses(*context, *base, nullptr, batch, losses);
    std::vector<float> values(rows.size());
    backend.download(*context, losses, values.data());
    return values;
}

} // namespace lorikeet
