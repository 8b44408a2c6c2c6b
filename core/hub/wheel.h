// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/base/function_ref.h"

namespace lorikeet {

/// Passes the bytes of the one file called `fileName` in a wheel (a zip archive), in whichever folder of it, to
/// `take`, piece by piece. Throws BadFile where the archive is damaged, or does not hold exactly one such file of
/// `expectedBytes` bytes; never passes on more than that.
void readFromWheel(const std::filesystem::path& wheel, std::string_view fileName, int64_t expectedBytes,
                   FunctionRef<void(std::span<const std::byte>)> take);

} // namespace lorikeet
