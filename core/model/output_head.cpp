// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/output_head.h"

#include <algorithm>

#include "core/base/function_ref.h"
#include "core/model/norm_layer.h"

namespace lorikeet {

namespace {

constexpr BaseTensor kHead = {BaseTensor::Kind::Head};
constexpr BaseTensor kFinalNorm = {BaseTensor::Kind::FinalNorm};

/// One chunk of n rows of the stream, normalised.
struct HeadChunk {
    HeadChunk(const Pass& pass, const Tensor& stream, const Tensor& chunkRows)
        : rows(chunkRows), x(allocate(pass)), normed(allocate(pass)),
          rstd(pass.context.allocate(DType::F32, {chunkRows.shape[0]}, MemoryTag::Logits)) {
        pass.backend.gatherRows(pass.context, stream, rows, x);
        NormLayer(pass, kFinalNorm).forward(x, normed, rstd);
    }
    /// [n, C]
    Storage allocate(const Pass& pass) const {
        return pass.context.allocate(pass.base.computeType(), {rows.shape[0], pass.config().hiddenSize},
                                     MemoryTag::Logits);
    }

    Tensor rows;    ///< I32 [n]
    Storage x;      ///< [n, C]
    Storage normed; ///< [n, C]
    Storage rstd;   ///< F32 [n]
};

void forEachChunk(int64_t rows, FunctionRef<void(int64_t begin, int64_t end)> body) {
    for (int64_t begin = 0; begin < rows; begin += kHeadRows)
        body(begin, std::min(rows, begin + kHeadRows));
}

} // namespace

void headLossAndGradient(const Pass& pass, const Tensor& stream, const DeviceBatch& batch, float lossScale,
                         const Tensor& lossSum, const Tensor& dStream) {
    Backend& backend = pass.backend;
    ExecutionContext& context = pass.context;
    const int64_t targets = batch.targetCount();
    const int64_t chunk = std::min(targets, kHeadRows);
    const int64_t vocabulary = pass.config().vocabularySize;
    const DType type = pass.base.computeType();
    const Storage losses = context.allocate(DType::F32, {targets}, MemoryTag::Logits);
    const Storage logits = context.allocate(DType::F32, {chunk, vocabulary}, MemoryTag::Logits);
    const Storage separate =
        type == DType::F32 ? Storage() : context.allocate(type, {chunk, vocabulary}, MemoryTag::Logits);
    const NormLayer norm(pass, kFinalNorm);
    const Weight head = pass.weight(kHead);
    const Parameter* trainedHead = pass.copyOf(kHead);
    backend.fill(context, dStream, 0.0f);
    forEachChunk(targets, [&](int64_t begin, int64_t end) {
        const HeadChunk rows(pass, stream, batch.targetRows.view().rows(begin, end));
        const Tensor y = logits.view().rows(0, end - begin);
        const Tensor dY = separate ? separate.view().rows(0, end - begin) : y;
        backend.matmul(context, rows.normed, head, y);
        backend.crossEntropy(context, y, batch.targets.view().rows(begin, end), losses.view().rows(begin, end), dY,
                             lossScale);
        const Storage dNormed = rows.allocate(pass);
        const Storage dX = rows.allocate(pass);
        backend.matmulBackwardInput(context, dY, head, dNormed);
        if (trainedHead)
            backend.matmulBackwardWeight(context, dY, rows.normed, trainedHead->gradient, 1.0f, Output::Add);
        norm.backward(dNormed, rows.x, rows.rstd, dX, Output::Assign);
        backend.scatterAddRows(context, dX, rows.rows, dStream);
    });
    backend.sum(context, losses, lossSum, lossScale, Output::Add);
}

void headLosses(const Pass& pass, const Tensor& stream, const DeviceBatch& batch, const Tensor& losses) {
    const int64_t targets = batch.targetCount();
    const Storage logits = pass.context.allocate(
        DType::F32, {std::min(targets, kHeadRows), pass.config().vocabularySize}, MemoryTag::Logits);
    forEachChunk(targets, [&](int64_t begin, int64_t end) {
        pass.requireGoing();
        const HeadChunk rows(pass, stream, batch.targetRows.view().rows(begin, end));
        const Tensor y = logits.view().rows(0, end - begin);
        pass.backend.matmul(pass.context, rows.normed, pass.weight(kHead), y);
        pass.backend.crossEntropy(pass.context, y, batch.targets.view().rows(begin, end), losses.rows(begin, end));
    });
}

void headLogits(const Pass& pass, const Tensor& stream, const Tensor& rows, const Tensor& logits) {
    forEachChunk(rows.shape[0], [&](int64_t begin, int64_t end) {
        const HeadChunk chunk(pass, stream, rows.rows(begin, end));
        pass.backend.matmul(pass.context, chunk.normed, pass.weight(kHead), logits.rows(begin, end));
    });
}

} // namespace lorikeet
