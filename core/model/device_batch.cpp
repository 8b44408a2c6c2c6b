// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/device_batch.h"

#include <algorithm>
#include <vector>

#include "core/base/error.h"

namespace lorikeet {

namespace {

void checkTokens(std::span<const int32_t> tokens, std::string_view what, int vocabularySize) {
    for (int32_t token : tokens)
        if (token < 0 || token >= vocabularySize)
            fail(ErrorCode::InvalidArgument, "batch: {} {} is not below the vocabulary size {}", what, token,
                 vocabularySize);
}

void checkBatch(const BatchSpans& batch, int vocabularySize) {
    const int64_t tokens = int64_t(batch.tokens.size());
    const auto& offsets = batch.offsets;
    if (offsets.size() < 2 || offsets.front() != 0 || offsets.back() != tokens ||
        std::adjacent_find(offsets.begin(), offsets.end(), std::greater_equal<>()) != offsets.end())
        fail(ErrorCode::InvalidArgument, "batch: {} offsets do not rise from 0 to {} tokens", offsets.size(), tokens);
    if (!batch.positions.empty() && batch.positions.size() != batch.tokens.size())
        fail(ErrorCode::InvalidArgument, "batch: {} positions for {} tokens", batch.positions.size(), tokens);
    if (batch.targetRows.size() != batch.targets.size())
        fail(ErrorCode::InvalidArgument, "batch: {} target rows, {} targets", batch.targetRows.size(),
             batch.targets.size());
    int64_t last = -1;
    for (int32_t row : batch.targetRows) {
        if (row <= last || row >= tokens)
            fail(ErrorCode::InvalidArgument, "batch: target row {} follows {} of {} tokens", row, last, tokens);
        last = row;
    }
    checkTokens(batch.tokens, "token", vocabularySize);
    checkTokens(batch.targets, "target", vocabularySize);
}

Storage uploadInts(ExecutionContext& context, std::span<const int32_t> values) {
    if (values.empty())
        return {};
    Storage storage = context.allocate(DType::I32, {int64_t(values.size())}, MemoryTag::Data);
    context.backend().upload(context, values.data(), storage);
    return storage;
}

} // namespace

SequenceLayout DeviceBatch::layout() const {
    return {offsets, offsets, longestSequence, longestSequence};
}

DeviceBatch uploadBatch(ExecutionContext& context, const BatchSpans& spans, int vocabularySize) {
    checkBatch(spans, vocabularySize);
    DeviceBatch batch;
    std::vector<int32_t> positions(spans.positions.begin(), spans.positions.end());
    for (std::size_t s = 0; s + 1 < spans.offsets.size(); ++s) {
        const int32_t length = spans.offsets[s + 1] - spans.offsets[s];
        batch.longestSequence = std::max<int64_t>(batch.longestSequence, length);
        if (spans.positions.empty())
            for (int32_t i = 0; i < length; ++i)
                positions.push_back(i);
    }
    const auto [low, high] = std::minmax_element(positions.begin(), positions.end());
    if (*low < 0)
        fail(ErrorCode::InvalidArgument, "batch: position {} is negative", *low);
    batch.positionLimit = int64_t(*high) + 1;
    batch.tokens = uploadInts(context, spans.tokens);
    batch.offsets = uploadInts(context, spans.offsets);
    batch.positions = uploadInts(context, positions);
    batch.targetRows = uploadInts(context, spans.targetRows);
    batch.targets = uploadInts(context, spans.targets);
    return batch;
}

} // namespace lorikeet
