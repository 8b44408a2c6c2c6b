// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/pass.h"

namespace lorikeet {

// The final norm, the output head and the loss, on the rows that count only, kHeadRows of them at once.
// Legend: T tokens of the stream, C hidden size, M target rows, V vocabulary.

/// lossSum F32 [1] += lossScale * the sum of the targets' losses; dStream [T, C] = its gradient by stream [T, C].
void headLossAndGradient(const Pass& pass, const Tensor& stream, const DeviceBatch& batch, float lossScale,
                         const Tensor& lossSum, const Tensor& dStream);

/// losses F32 [M] = the negative log-probability of each target.
void headLosses(const Pass& pass, const Tensor& stream, const DeviceBatch& batch, const Tensor& losses);

/// logits F32 [n, V] of the rows I32 [n].
void headLogits(const Pass& pass, const Tensor& stream, const Tensor& rows, const Tensor& logits);

} // namespace lorikeet
