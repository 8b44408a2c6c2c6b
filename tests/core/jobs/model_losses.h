// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

namespace lorikeet {

struct LoadOptions;

/// The losses of every next token of a short text, bit for bit what a model gives as it is loaded.
std::vector<float> modelLosses(const std::filesystem::path& model, const LoadOptions& options);

} // namespace lorikeet
