// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

void Backend::upload(ExecutionContext& context, const void* host, const Tensor& destination) {
    requirePresent("upload", {LORIKEET_OPERAND(destination)});
    if (destination.elements() == 0)
        return;
    if (!host)
        fail(ErrorCode::InvalidArgument, "upload: no host memory for {}", destination.text());
    doUpload(context, host, destination);
}

void Backend::download(ExecutionContext& context, const Tensor& source, void* host) {
    requirePresent("download", {LORIKEET_OPERAND(source)});
    if (source.elements() == 0)
        return;
    if (!host)
        fail(ErrorCode::InvalidArgument, "download: no host memory for {}", source.text());
    doDownload(context, source, host);
}

void Backend::copy(ExecutionContext& context, const Tensor& source, const Tensor& destination) {
    requirePresent("copy", {LORIKEET_OPERAND(source), LORIKEET_OPERAND(destination)});
    requireSameType("copy", LORIKEET_OPERAND(source), LORIKEET_OPERAND(destination));
    requireSameElements("copy", LORIKEET_OPERAND(source), LORIKEET_OPERAND(destination));
    requireApart("copy", LORIKEET_OPERAND(destination), {LORIKEET_OPERAND(source)});
    if (source.elements() != 0)
        doCopy(context, source, destination);
}

void Backend::fill(ExecutionContext& context, const Tensor& destination, float value) {
    requirePresent("fill", {LORIKEET_OPERAND(destination)});
    if (destination.dtype == DType::F16 || destination.dtype == DType::I8)
        fail(ErrorCode::InvalidArgument, "fill: destination is {}, expected float32, bfloat16, int32 or uint8",
             destination.text());
    if (destination.elements() != 0)
        doFill(context, destination, value);
}

void Backend::synchronize(ExecutionContext& context) {
    doSynchronize(context);
}

} // namespace lorikeet
