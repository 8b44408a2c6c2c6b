// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/tensor/memory_ledger.h"

namespace lorikeet {

/// "7,473"
std::string withSeparators(int64_t number);
/// Bytes of memory: "488 MiB", "1.23 GiB".
std::string memorySize(int64_t bytes);
/// Bytes on a disk: "93 MB", "16.06 GB".
std::string diskSize(int64_t bytes);
/// The shortest form that reads well: "2e-4", "0.05", "1024".
std::string shortNumber(double number);
/// "NF4" for "nf4".
std::string upperCase(std::string_view text);
/// "activations", "quant state"
std::string tagWords(MemoryTag tag);

} // namespace lorikeet
