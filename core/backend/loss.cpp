// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

void Backend::crossEntropy(ExecutionContext& context, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                           const Tensor& dLogits, float scale) {
    constexpr std::string_view kName = "crossEntropy";
    requirePresent(kName, {LORIKEET_OPERAND(logits), LORIKEET_OPERAND(targets), LORIKEET_OPERAND(losses)});
    requireReal(kName, LORIKEET_OPERAND(logits));
    requireRank(kName, LORIKEET_OPERAND(logits), 2);
    requireType(kName, LORIKEET_OPERAND(targets), DType::I32);
    requireShape(kName, LORIKEET_OPERAND(targets), {logits.shape[0]}, LORIKEET_OPERAND(logits));
    requireType(kName, LORIKEET_OPERAND(losses), DType::F32);
    requireShape(kName, LORIKEET_OPERAND(losses), {logits.shape[0]}, LORIKEET_OPERAND(logits));
    requireApart(kName, LORIKEET_OPERAND(losses), {LORIKEET_OPERAND(logits), LORIKEET_OPERAND(targets)});
    if (dLogits) {
        requireReal(kName, LORIKEET_OPERAND(dLogits));
        requireSameShape(kName, LORIKEET_OPERAND(logits), LORIKEET_OPERAND(dLogits));
        requireApartOrSame(kName, LORIKEET_OPERAND(dLogits), LORIKEET_OPERAND(logits));
        requireApart(kName, LORIKEET_OPERAND(dLogits), {LORIKEET_OPERAND(targets), LORIKEET_OPERAND(losses)});
    }
    if (logits.shape[0] == 0)
        return;
    if (logits.shape[1] == 0)
        fail(ErrorCode::InvalidArgument, "{}: logits is {}: an empty vocabulary", kName, logits.text());
    doCrossEntropy(context, logits, targets, losses, dLogits, scale);
}

} // namespace lorikeet
