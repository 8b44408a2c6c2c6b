// SPDX-License-Identifier: GPL-3.0-or-later
// Every operation of WalledBackend: the CPU's, with its arguments copied, run when the walls are open.
#include "tests/support/walled_backend.h"

namespace lorikeet {

void WalledBackend::doCopy(ExecutionContext& context, const Tensor& source, const Tensor& destination) {
    submit([this, &context, source, destination] { CpuBackend::doCopy(context, source, destination); });
}

void WalledBackend::doFill(ExecutionContext& context, const Tensor& destination, float value) {
    submit([this, &context, destination, value] { CpuBackend::doFill(context, destination, value); });
}

void WalledBackend::doCast(ExecutionContext& context, const Tensor& x, const Tensor& y) {
    submit([this, &context, x, y] { CpuBackend::doCast(context, x, y); });
}

void WalledBackend::doAdd(ExecutionContext& context, const Tensor& a, const Tensor& b, const Tensor& y) {
    submit([this, &context, a, b, y] { CpuBackend::doAdd(context, a, b, y); });
}

void WalledBackend::doScale(ExecutionContext& context, const Tensor& x, float alpha, const Tensor& y, Output output) {
    submit([this, &context, x, alpha, y, output] { CpuBackend::doScale(context, x, alpha, y, output); });
}

void WalledBackend::doDivide(ExecutionContext& context, const Tensor& a, const Tensor& b, const Tensor& y,
                             Output output) {
    submit([this, &context, a, b, y, output] { CpuBackend::doDivide(context, a, b, y, output); });
}

void WalledBackend::doAddBias(ExecutionContext& context, const Tensor& bias, const Tensor& y) {
    submit([this, &context, bias, y] { CpuBackend::doAddBias(context, bias, y); });
}

void WalledBackend::doSumRows(ExecutionContext& context, const Tensor& x, const Tensor& sums, float alpha,
                              Output output) {
    submit([this, &context, x, sums, alpha, output] { CpuBackend::doSumRows(context, x, sums, alpha, output); });
}

void WalledBackend::doScaleColumns(ExecutionContext& context, const Tensor& x, const Tensor& factors, const Tensor& y,
                                   Output output) {
    submit([this, &context, x, factors, y, output] { CpuBackend::doScaleColumns(context, x, factors, y, output); });
}

void WalledBackend::doColumnDots(ExecutionContext& context, const Tensor& a, const Tensor& b, const Tensor& dots,
                                 float alpha, Output output) {
    submit(
        [this, &context, a, b, dots, alpha, output] { CpuBackend::doColumnDots(context, a, b, dots, alpha, output); });
}

void WalledBackend::doAddNoise(ExecutionContext& context, const Tensor& offsets, float alpha,
                               const RandomStream& random, const Tensor& y) {
    submit([this, &context, offsets, alpha, random, y] { CpuBackend::doAddNoise(context, offsets, alpha, random, y); });
}

void WalledBackend::doDropout(ExecutionContext& context, const Tensor& x, float p, const RandomStream& random,
                              const Tensor& y, Output output) {
    submit([this, &context, x, p, random, y, output] { CpuBackend::doDropout(context, x, p, random, y, output); });
}

void WalledBackend::doEmbedding(ExecutionContext& context, const Tensor& ids, const Weight& table, const Tensor& y) {
    submit([this, &context, ids, table, y] { CpuBackend::doEmbedding(context, ids, table, y); });
}

void WalledBackend::doEmbeddingBackward(ExecutionContext& context, const Tensor& dY, const Tensor& ids,
                                        const Tensor& dTable) {
    submit([this, &context, dY, ids, dTable] { CpuBackend::doEmbeddingBackward(context, dY, ids, dTable); });
}

void WalledBackend::doGatherRows(ExecutionContext& context, const Tensor& x, const Tensor& rows, const Tensor& y) {
    submit([this, &context, x, rows, y] { CpuBackend::doGatherRows(context, x, rows, y); });
}

void WalledBackend::doScatterAddRows(ExecutionContext& context, const Tensor& dY, const Tensor& rows,
                                     const Tensor& dX) {
    submit([this, &context, dY, rows, dX] { CpuBackend::doScatterAddRows(context, dY, rows, dX); });
}

void WalledBackend::doMatmul(ExecutionContext& context, const Tensor& x, const Weight& weight, const Tensor& y,
                             float alpha, Output output) {
    submit(
        [this, &context, x, weight, y, alpha, output] { CpuBackend::doMatmul(context, x, weight, y, alpha, output); });
}

void WalledBackend::doMatmulBackwardInput(ExecutionContext& context, const Tensor& dY, const Weight& weight,
                                          const Tensor& dX, float alpha, Output output) {
    submit([this, &context, dY, weight, dX, alpha, output] {
        CpuBackend::doMatmulBackwardInput(context, dY, weight, dX, alpha, output);
    });
}

void WalledBackend::doMatmulBackwardWeight(ExecutionContext& context, const Tensor& dY, const Tensor& x,
                                           const Tensor& dW, float alpha, Output output) {
    submit([this, &context, dY, x, dW, alpha, output] {
        CpuBackend::doMatmulBackwardWeight(context, dY, x, dW, alpha, output);
    });
}

void WalledBackend::doDequantize(ExecutionContext& context, const Weight& weight, const Tensor& y) {
    submit([this, &context, weight, y] { CpuBackend::doDequantize(context, weight, y); });
}

void WalledBackend::doRowNorms(ExecutionContext& context, const Weight& weight, const Tensor& a, const Tensor& b,
                               float alpha, const Tensor& norms) {
    submit(
        [this, &context, weight, a, b, alpha, norms] { CpuBackend::doRowNorms(context, weight, a, b, alpha, norms); });
}

void WalledBackend::doRmsNorm(ExecutionContext& context, const Tensor& x, const Tensor& weight, float epsilon,
                              const Tensor& y, const Tensor& rstd) {
    submit(
        [this, &context, x, weight, epsilon, y, rstd] { CpuBackend::doRmsNorm(context, x, weight, epsilon, y, rstd); });
}

void WalledBackend::doRmsNormBackward(ExecutionContext& context, const Tensor& dY, const Tensor& x,
                                      const Tensor& weight, const Tensor& rstd, const Tensor& dX, Output output) {
    submit([this, &context, dY, x, weight, rstd, dX, output] {
        CpuBackend::doRmsNormBackward(context, dY, x, weight, rstd, dX, output);
    });
}

void WalledBackend::doRmsNormBackwardWeight(ExecutionContext& context, const Tensor& dY, const Tensor& x,
                                            const Tensor& rstd, const Tensor& dWeight) {
    submit(
        [this, &context, dY, x, rstd, dWeight] { CpuBackend::doRmsNormBackwardWeight(context, dY, x, rstd, dWeight); });
}

void WalledBackend::doRope(ExecutionContext& context, const Tensor& x, int headDim, const Tensor& cosines,
                           const Tensor& sines, const Tensor& positions, bool inverse) {
    submit([this, &context, x, headDim, cosines, sines, positions, inverse] {
        CpuBackend::doRope(context, x, headDim, cosines, sines, positions, inverse);
    });
}

void WalledBackend::doAttention(ExecutionContext& context, const Tensor& q, const Tensor& k, const Tensor& v,
                                const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& out,
                                const Tensor& logSumExp) {
    submit([this, &context, q, k, v, layout, spec, out, logSumExp] {
        CpuBackend::doAttention(context, q, k, v, layout, spec, out, logSumExp);
    });
}

void WalledBackend::doAttentionBackward(ExecutionContext& context, const Tensor& dOut, const Tensor& q, const Tensor& k,
                                        const Tensor& v, const Tensor& out, const Tensor& logSumExp,
                                        const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& dQ,
                                        const Tensor& dK, const Tensor& dV) {
    submit([this, &context, dOut, q, k, v, out, logSumExp, layout, spec, dQ, dK, dV] {
        CpuBackend::doAttentionBackward(context, dOut, q, k, v, out, logSumExp, layout, spec, dQ, dK, dV);
    });
}

void WalledBackend::doGated(ExecutionContext& context, Activation activation, const Tensor& gate, const Tensor& up,
                            const Tensor& y) {
    submit([this, &context, activation, gate, up, y] { CpuBackend::doGated(context, activation, gate, up, y); });
}

void WalledBackend::doGatedBackward(ExecutionContext& context, Activation activation, const Tensor& dY,
                                    const Tensor& gate, const Tensor& up, const Tensor& dGate, const Tensor& dUp) {
    submit([this, &context, activation, dY, gate, up, dGate, dUp] {
        CpuBackend::doGatedBackward(context, activation, dY, gate, up, dGate, dUp);
    });
}

void WalledBackend::doCrossEntropy(ExecutionContext& context, const Tensor& logits, const Tensor& targets,
                                   const Tensor& losses, const Tensor& dLogits, float scale) {
    submit([this, &context, logits, targets, losses, dLogits, scale] {
        CpuBackend::doCrossEntropy(context, logits, targets, losses, dLogits, scale);
    });
}

void WalledBackend::doSum(ExecutionContext& context, const Tensor& x, const Tensor& result, float alpha,
                          Output output) {
    submit([this, &context, x, result, alpha, output] { CpuBackend::doSum(context, x, result, alpha, output); });
}

void WalledBackend::doSumOfSquares(ExecutionContext& context, const Tensor& x, const Tensor& result, Output output) {
    submit([this, &context, x, result, output] { CpuBackend::doSumOfSquares(context, x, result, output); });
}

void WalledBackend::doClipFactor(ExecutionContext& context, const Tensor& squares, float maxNorm, const Tensor& norm,
                                 const Tensor& factor) {
    submit([this, &context, squares, maxNorm, norm, factor] {
        CpuBackend::doClipFactor(context, squares, maxNorm, norm, factor);
    });
}

void WalledBackend::doAdamW(ExecutionContext& context, const Tensor& gradient, const Tensor& factor,
                            const AdamWStep& step, const Tensor& parameter, const Tensor& m, const Tensor& v) {
    submit([this, &context, gradient, factor, step, parameter, m, v] {
        CpuBackend::doAdamW(context, gradient, factor, step, parameter, m, v);
    });
}

void WalledBackend::doAdamW8Bit(ExecutionContext& context, const Tensor& gradient, const Tensor& factor,
                                const AdamWStep& step, const Tensor& parameter, const Moments8Bit& moments) {
    submit([this, &context, gradient, factor, step, parameter, moments] {
        CpuBackend::doAdamW8Bit(context, gradient, factor, step, parameter, moments);
    });
}

} // namespace lorikeet
