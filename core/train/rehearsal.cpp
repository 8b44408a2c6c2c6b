// SPDX-License-Identifier: GPL-3.0-or-later
#include <new>

#include "core/base/error.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "core/train/trainer.h"

namespace lorikeet {
namespace {

/// What would need less memory, the change that costs least first.
std::string adviceFor(const RunConfig& config, const BaseModel& base, const TokenBatch& batch) {
    std::string advice;
    const auto add = [&](bool applies, const std::string& what) {
        if (applies)
            advice += (advice.empty() ? "" : ", ") + what;
    };
    add(!config.training.gradientCheckpointing, "training.gradient_checkpointing true");
    if (const std::optional<int64_t> tokens = config.data.maxTokensPerBatch)
        add(batch.sequences() > 1, fmt::format("data.max_tokens_per_batch below {}", *tokens));
    else
        add(batch.sequences() > 1,
            fmt::format("training.batch_size below {} (and more training.gradient_accumulation_steps)",
                        config.training.batchSize));
    add(true, fmt::format("data.max_length below {}", config.data.maxLength));
    if (config.method == Method::Full) {
        add(true, "method \"lora\"");
        return advice;
    }
    add(!base.quantization(), "quantization.type \"nf4\"");
    add(config.lora.rank.value_or(1) > 8, fmt::format("lora.r below {}", config.lora.rank.value_or(1)));
    return advice;
}

} // namespace

/// The longest micro-batch that can come, forward and backward; only the peak of the memory remains of it.
void Trainer::rehearse() {
    if (!m_parts.rehearses)
        return;
    turnTo(RunPhase::Training);
    ExecutionContext& context = m_parts.context;
    const TokenBatch batch = m_parts.planner.longestMicroBatch(m_steps);
    if (batch.targets.empty() || m_state.step >= m_steps || m_control->isInterrupted())
        return;
    const auto failFor = [&](const std::string& why) {
        fail(ErrorCode::OutOfMemory,
             "the longest micro-batch ({} sequences, {} tokens) does not fit in memory: {}. It would fit with: {}",
             batch.sequences(), batch.tokens.size(), why, adviceFor(m_config, m_parts.base, batch));
    };
    try {
        const DeviceBatch onDevice =
            uploadBatch(context, {batch.tokens, batch.offsets, batch.positions, batch.targetRows, batch.targets},
                        m_parts.base.config().vocabularySize);
        const PassOptions options{.gradientCheckpointing = m_config.training.gradientCheckpointing,
                                  .dropout = float(m_config.lora.dropout),
                                  .neftuneAlpha = float(m_config.training.neftuneNoiseAlpha),
                                  .seed = m_config.training.seed,
                                  .step = 0};
        lossAndGradients(context, m_parts.base, m_parts.adapter, onDevice, 1.0f / float(batch.targets.size()), options,
                         m_scalars.view().rows(0, 1));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::OutOfMemory)
            throw;
        failFor(error.message());
    } catch (const std::bad_alloc&) {
        failFor("an allocation failed");
    }
    rememberPeak(context.backend().ledger().peak());
}

} // namespace lorikeet
