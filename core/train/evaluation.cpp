// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/evaluation.h"

#include "core/data/batches.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"

namespace lorikeet {

std::vector<float> lossesOf(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                            const TokenBatch& batch, std::stop_token stop) {
    std::vector<float> losses(batch.targets.size());
    if (losses.empty())
        return losses;
    const DeviceBatch onDevice =
        uploadBatch(context, {batch.tokens, batch.offsets, batch.positions, batch.targetRows, batch.targets},
                    base.config().vocabularySize);
    const Storage values = context.allocate(DType::F32, {int64_t(losses.size())}, MemoryTag::Logits);
    targetLosses(context, base, adapter, onDevice, values, std::move(stop));
    context.backend().download(context, values, losses.data());
    return losses;
}

LossSum evaluateLoss(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                     const EvaluationRows& rows, int64_t batchSize, std::stop_token stop) {
    LossSum total;
    forEachEvaluationBatch(*rows.dataset, *rows.scan, rows.selection, rows.data, batchSize,
                           [&](const TokenBatch& batch) {
                               for (const float loss : lossesOf(context, base, adapter, batch, stop))
                                   total.sum += double(loss);
                               total.targets += int64_t(batch.targets.size());
                           });
    return total;
}

} // namespace lorikeet
