// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "core/backend/operations.h"
#include "core/tensor/storage.h"

namespace lorikeet {

class Backend;

/// The order in which one thread's operations run on a device (a stream, and what goes with it). One context a
/// thread; several contexts of one device may run at once and share it fairly.
class ExecutionContext {
public:
    explicit ExecutionContext(Backend& backend) : m_backend(backend) {}
    virtual ~ExecutionContext() = default;
    ExecutionContext(const ExecutionContext&) = delete;
    ExecutionContext& operator=(const ExecutionContext&) = delete;

    Backend& backend() const { return m_backend; }
    /// Uninitialised memory of the backend. Throws OutOfMemory.
    Storage allocate(DType dtype, const Shape& shape, MemoryTag tag) const;

private:
    Backend& m_backend;
};

/// Every operation that a device can do: the one seam between the training core and hardware.
///
/// Each public operation checks shapes and types once, throws InvalidArgument with the actual values, and calls its
/// protected virtual twin. Operations of one context run in the order of the calls, perhaps later: only download()
/// and synchronize() wait. The host never touches device memory. Tensors named d... are gradients. Outputs come last
/// and may not overlap inputs unless said. "Real" below means F32 or BF16; the activations of one call share one
/// type, and all sums, statistics and exponentials are float32 whatever it is. Results are the same bits on any
/// number of threads.
///
/// Legend: T tokens of the batch, C channels, H query heads, G key/value heads, D head size, V vocabulary.
class Backend : public DeviceAllocator {
public:
    /// "cpu", "cuda:0"
    virtual std::string name() const = 0;
    /// The set of kernels in use, as recorded with a run: "avx512", "portable", ...
    virtual std::string kernels() const = 0;
    /// Bytes of memory that the device has, all programs together.
    virtual int64_t totalMemory() const = 0;
    virtual std::unique_ptr<ExecutionContext> createContext() = 0;

    // Data crossing between host and device. `host` must stay valid until upload() returns.
    void upload(ExecutionContext&, const void* host, const Tensor& destination);
    /// Waits for everything queued before it in this context.
    void download(ExecutionContext&, const Tensor& source, void* host);
    void copy(ExecutionContext&, const Tensor& source, const Tensor& destination);
    /// Sets every element of an F32, BF16, I32 or U8 tensor; integers are rounded to.
    void fill(ExecutionContext&, const Tensor& destination, float value);
    void synchronize(ExecutionContext&);

    // Elementwise. All tensors of a call have equally many elements.
    /// y = x converted, rounding to nearest even; F32, BF16, F16 both ways.
    void cast(ExecutionContext&, const Tensor& x, const Tensor& y);
    /// y = a + b, Real; y may be a or b.
    void add(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y);
    /// y = alpha * x, or y += alpha * x. Real, each of its own type; y may be x.
    void scale(ExecutionContext&, const Tensor& x, float alpha, const Tensor& y, Output output = Output::Assign);
    /// y = or += a / b, F32; y may be a or b.
    void divide(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y, Output output = Output::Assign);
    /// y = x * mask / (1 - p), or y += that: element i is dropped where random.uniform(i) < p. Real; y may be x.
    /// Its own backward, applied to the gradient with the same stream.
    void dropout(ExecutionContext&, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                 Output output = Output::Assign);

    // Rows and columns.
    /// y[t, :] += bias, y Real [T, C], bias Real [C].
    void addBias(ExecutionContext&, const Tensor& bias, const Tensor& y);
    /// sums[c] = or += alpha * sum over t of x[t, c], x Real [T, C], sums F32 [C]: addBias()'s gradient by the bias.
    void sumRows(ExecutionContext&, const Tensor& x, const Tensor& sums, float alpha = 1.0f,
                 Output output = Output::Assign);
    /// y[t, c] = or += factors[c] * x[t, c]. x, y Real [T, C], each of its own type; factors F32 [C]; y may be x.
    void scaleColumns(ExecutionContext&, const Tensor& x, const Tensor& factors, const Tensor& y,
                      Output output = Output::Assign);
    /// dots[c] = or += alpha * sum over t of a[t, c] * b[t, c]: scaleColumns()'s gradient by its factors. a Real [T,
    /// C], b of its type, dots F32 [C].
    void columnDots(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& dots, float alpha = 1.0f,
                    Output output = Output::Assign);
    /// Noise on embeddings (NEFTune, Jain et al. 2023): y[t, c] += alpha / sqrt(L * C) * u, L the tokens of t's
    /// sequence, u = 2 * random.uniform(t * C + c) - 1. y Real [T, C]; offsets I32 [S + 1], ascending from 0 to T (the
    /// caller's promise). The factor is computed in double and rounded to float32.
    void addNoise(ExecutionContext&, const Tensor& offsets, float alpha, const RandomStream& random, const Tensor& y);
    /// y[i, :] = table[ids[i], :]. ids I32 [n], table [V, C] dense or quantized, y Real [n, C].
    void embedding(ExecutionContext&, const Tensor& ids, const Weight& table, const Tensor& y);
    /// dTable[ids[i], :] += dY[i, :], in the order of i; ids may repeat. dY Real [n, C], ids I32 [n], dTable F32 [V,
    /// C].
    void embeddingBackward(ExecutionContext&, const Tensor& dY, const Tensor& ids, const Tensor& dTable);
    /// y[i, :] = x[rows[i], :]. rows I32 [n], x Real [T, C], y of x's type [n, C].
    void gatherRows(ExecutionContext&, const Tensor& x, const Tensor& rows, const Tensor& y);
    /// dX[rows[i], :] += dY[i, :]; rows are distinct. dY Real [n, C], dX of its type [T, C].
    void scatterAddRows(ExecutionContext&, const Tensor& dY, const Tensor& rows, const Tensor& dX);

    // Matrix products. `alpha` scales the product; Output says = or +=. The type of the first operand decides how
    // operands are multiplied: F32 as they are; BF16: the other operand (or the dequantized weight) is rounded to
    // bfloat16 first. Sums are float32 always.
    /// y = alpha * x W^T. x Real [T, K], W [N, K], y Real [T, N].
    void matmul(ExecutionContext&, const Tensor& x, const Weight& weight, const Tensor& y, float alpha = 1.0f,
                Output output = Output::Assign);
    /// dX = alpha * dY W. dY Real [T, N], W [N, K], dX Real [T, K].
    void matmulBackwardInput(ExecutionContext&, const Tensor& dY, const Weight& weight, const Tensor& dX,
                             float alpha = 1.0f, Output output = Output::Assign);
    /// dW = alpha * dY^T x. dY Real [T, N], x of its type [T, K], dW F32 [N, K].
    void matmulBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& dW,
                              float alpha = 1.0f, Output output = Output::Assign);
    /// y = the values of a quantized (or dense) weight [N, K], y Real [N, K].
    void dequantize(ExecutionContext&, const Weight& weight, const Tensor& y);
    /// norms[n] = the Euclidean length of row n of W + alpha * b a, the sum computed in float32 (DoRA, Liu et al.
    /// 2024); without a and b of W. weight [N, K], a F32 [r, K], b F32 [N, r], norms F32 [N].
    void rowNorms(ExecutionContext&, const Weight& weight, const Tensor& a, const Tensor& b, float alpha,
                  const Tensor& norms);

    // Normalisation. rstd[t] = 1 / sqrt(mean(x[t, :]^2) + epsilon)
    /// y = weight * x * rstd, the normalised value rounded to x's type before the weight multiplies it.
    /// x Real [T, C], weight Real [C], y of x's type, rstd F32 [T].
    void rmsNorm(ExecutionContext&, const Tensor& x, const Tensor& weight, float epsilon, const Tensor& y,
                 const Tensor& rstd);
    /// dX = or += the gradient by x.
    void rmsNormBackward(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& weight, const Tensor& rstd,
                         const Tensor& dX, Output output);
    /// dWeight += the gradient by the weight, F32 [C]: the sum over t of dY times the normalised value, as rounded
    /// above.
    void rmsNormBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& rstd,
                               const Tensor& dWeight);

    /// Rotates the first 2R of each head's D values, halves paired (element i with i + R), in place, by the angle whose
    /// cosine and sine stand in row positions[t]. x Real [T, H*D]; cosines, sines F32 [P, R]; positions I32 [T], each
    /// below P (the caller's promise). `inverse` turns back: the gradient's rotation.
    void rope(ExecutionContext&, const Tensor& x, int headDim, const Tensor& cosines, const Tensor& sines,
              const Tensor& positions, bool inverse = false);

    /// out = softmax(scale * q k^T, masked) v within each sequence. q, out Real [T, H*D]; k, v [Tk, G*D];
    /// logSumExp F32 [H, T]: the logarithm of each softmax's denominator.
    void attention(ExecutionContext&, const Tensor& q, const Tensor& k, const Tensor& v, const SequenceLayout& layout,
                   const AttentionSpec& spec, const Tensor& out, const Tensor& logSumExp);
    /// dQ, dK, dV = gradients; no [T, T] matrix is ever stored (Dao et al. 2022, algorithm 4).
    void attentionBackward(ExecutionContext&, const Tensor& dOut, const Tensor& q, const Tensor& k, const Tensor& v,
                           const Tensor& out, const Tensor& logSumExp, const SequenceLayout& layout,
                           const AttentionSpec& spec, const Tensor& dQ, const Tensor& dK, const Tensor& dV);

    /// y = activation(gate) * up. Real, equally shaped; y may be gate or up.
    void gated(ExecutionContext&, Activation activation, const Tensor& gate, const Tensor& up, const Tensor& y);
    /// dGate may be gate, dUp may be up.
    void gatedBackward(ExecutionContext&, Activation activation, const Tensor& dY, const Tensor& gate, const Tensor& up,
                       const Tensor& dGate, const Tensor& dUp);

    /// losses[i] = logSumExp(logits[i, :]) - logits[i, targets[i]]; where dLogits is present also
    /// dLogits = scale * (softmax(logits) - onehot(targets)). logits Real [n, V], targets I32 [n], each in [0, V),
    /// losses F32 [n]; dLogits Real [n, V], may be logits where of its type.
    void crossEntropy(ExecutionContext&, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                      const Tensor& dLogits = {}, float scale = 1.0f);

    // Reductions to one F32 value [1], in an order that depends on the shape alone.
    /// result = or += alpha * sum of x, F32.
    void sum(ExecutionContext&, const Tensor& x, const Tensor& result, float alpha = 1.0f,
             Output output = Output::Assign);
    /// result = or += sum of x^2, F32.
    void sumOfSquares(ExecutionContext&, const Tensor& x, const Tensor& result, Output output);
    /// norm = sqrt(squares); factor = min(1, maxNorm / (norm + 1e-6)), or 1 where maxNorm is 0 (PyTorch's
    /// clip_grad_norm_), but NaN where norm is not finite, so that adamW() then changes nothing. All F32 [1].
    void clipFactor(ExecutionContext&, const Tensor& squares, float maxNorm, const Tensor& norm, const Tensor& factor);

    /// One AdamW step on `factor * gradient`; p *= 1 - lr * wd first. Where factor is not finite, nothing changes.
    /// parameter, gradient, m, v F32, equally many elements; factor F32 [1].
    void adamW(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
               const Tensor& parameter, const Tensor& m, const Tensor& v);
    /// The same over moments of 8 bits, the first by the signed dynamic map, the second by the unsigned one. To the bit
    /// the same everywhere, since each operation below is rounded to float32 by itself:
    ///   g = factor * gradient
    ///   m = beta1 * m + (1 - beta1) * g       v = beta2 * v + (1 - beta2) * (g * g)
    ///   p = keep * p - rate * (m / (sqrt(v) + eps))
    ///   mAbsmax = the block's largest |m|     vAbsmax = the block's largest v
    ///   code = the index of the map's value nearest to m / mAbsmax, to v / vAbsmax; halfway between two, as float32
    ///          computes it, the even index; that of 0 where absmax is 0
    /// 1 - beta1, 1 - beta2, keep = 1 - lr * wd, rate = lr * c2 / c1 and eps = epsilon * c2, with c1 = 1 - beta1^step
    /// and c2 = sqrt(1 - beta2^step), are computed in double and rounded once. An element whose g * g is not finite
    /// keeps p, and its m and v are as they were before they are coded again.
    void adamW8Bit(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                   const Tensor& parameter, const Moments8Bit& moments);

protected:
    // The twins of the operations above: arguments are checked, empty tensors (no elements) never arrive.
    virtual void doUpload(ExecutionContext&, const void* host, const Tensor& destination) = 0;
    virtual void doDownload(ExecutionContext&, const Tensor& source, void* host) = 0;
    virtual void doCopy(ExecutionContext&, const Tensor& source, const Tensor& destination) = 0;
    virtual void doFill(ExecutionContext&, const Tensor& destination, float value) = 0;
    virtual void doSynchronize(ExecutionContext&) = 0;
    virtual void doCast(ExecutionContext&, const Tensor& x, const Tensor& y) = 0;
    virtual void doAdd(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y) = 0;
    virtual void doScale(ExecutionContext&, const Tensor& x, float alpha, const Tensor& y, Output output) = 0;
    virtual void doDivide(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y, Output output) = 0;
    virtual void doAddBias(ExecutionContext&, const Tensor& bias, const Tensor& y) = 0;
    virtual void doSumRows(ExecutionContext&, const Tensor& x, const Tensor& sums, float alpha, Output output) = 0;
    virtual void doScaleColumns(ExecutionContext&, const Tensor& x, const Tensor& factors, const Tensor& y,
                                Output output) = 0;
    virtual void doColumnDots(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& dots, float alpha,
                              Output output) = 0;
    virtual void doAddNoise(ExecutionContext&, const Tensor& offsets, float alpha, const RandomStream& random,
                            const Tensor& y) = 0;
    virtual void doDropout(ExecutionContext&, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                           Output output) = 0;
    virtual void doEmbedding(ExecutionContext&, const Tensor& ids, const Weight& table, const Tensor& y) = 0;
    virtual void doEmbeddingBackward(ExecutionContext&, const Tensor& dY, const Tensor& ids, const Tensor& dTable) = 0;
    virtual void doGatherRows(ExecutionContext&, const Tensor& x, const Tensor& rows, const Tensor& y) = 0;
    virtual void doScatterAddRows(ExecutionContext&, const Tensor& dY, const Tensor& rows, const Tensor& dX) = 0;
    virtual void doMatmul(ExecutionContext&, const Tensor& x, const Weight& weight, const Tensor& y, float alpha,
                          Output output) = 0;
    virtual void doMatmulBackwardInput(ExecutionContext&, const Tensor& dY, const Weight& weight, const Tensor& dX,
                                       float alpha, Output output) = 0;
    virtual void doMatmulBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& dW,
                                        float alpha, Output output) = 0;
    virtual void doDequantize(ExecutionContext&, const Weight& weight, const Tensor& y) = 0;
    virtual void doRowNorms(ExecutionContext&, const Weight& weight, const Tensor& a, const Tensor& b, float alpha,
                            const Tensor& norms) = 0;
    virtual void doRmsNorm(ExecutionContext&, const Tensor& x, const Tensor& weight, float epsilon, const Tensor& y,
                           const Tensor& rstd) = 0;
    virtual void doRmsNormBackward(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& weight,
                                   const Tensor& rstd, const Tensor& dX, Output output) = 0;
    virtual void doRmsNormBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& rstd,
                                         const Tensor& dWeight) = 0;
    virtual void doRope(ExecutionContext&, const Tensor& x, int headDim, const Tensor& cosines, const Tensor& sines,
                        const Tensor& positions, bool inverse) = 0;
    virtual void doAttention(ExecutionContext&, const Tensor& q, const Tensor& k, const Tensor& v,
                             const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& out,
                             const Tensor& logSumExp) = 0;
    virtual void doAttentionBackward(ExecutionContext&, const Tensor& dOut, const Tensor& q, const Tensor& k,
                                     const Tensor& v, const Tensor& out, const Tensor& logSumExp,
                                     const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& dQ,
                                     const Tensor& dK, const Tensor& dV) = 0;
    virtual void doGated(ExecutionContext&, Activation activation, const Tensor& gate, const Tensor& up,
                         const Tensor& y) = 0;
    virtual void doGatedBackward(ExecutionContext&, Activation activation, const Tensor& dY, const Tensor& gate,
                                 const Tensor& up, const Tensor& dGate, const Tensor& dUp) = 0;
    virtual void doCrossEntropy(ExecutionContext&, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                                const Tensor& dLogits, float scale) = 0;
    virtual void doSum(ExecutionContext&, const Tensor& x, const Tensor& result, float alpha, Output output) = 0;
    virtual void doSumOfSquares(ExecutionContext&, const Tensor& x, const Tensor& result, Output output) = 0;
    virtual void doClipFactor(ExecutionContext&, const Tensor& squares, float maxNorm, const Tensor& norm,
                              const Tensor& factor) = 0;
    virtual void doAdamW(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                         const Tensor& parameter, const Tensor& m, const Tensor& v) = 0;
    virtual void doAdamW8Bit(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                             const Tensor& parameter, const Moments8Bit& moments) = 0;
};

} // namespace lorikeet
