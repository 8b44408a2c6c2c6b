// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/cpu_backend.h"

namespace lorikeet {

/// FLOP/s that a kernel set's products reach from cache, by type of operands.
struct PeakRates {
    double float32 = 0.0;
    double bfloat16 = 0.0;
};

/// Measured on the calling thread, in about two milliseconds.
PeakRates measurePeakRates(KernelSet set);
/// Measured on all threads of a pool at once.
PeakRates measurePeakRates(KernelSet set, ThreadPool& pool);

} // namespace lorikeet
