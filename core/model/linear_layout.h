// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace lorikeet {

struct ModelConfig;

/// The linear layers of one decoder layer, in the order in which they compute.
enum class LinearRole : uint8_t { Query, Key, Value, AttentionOutput, Gate, Up, Down };
inline constexpr int kLinearRoles = 7;
inline constexpr std::array<LinearRole, kLinearRoles> kAllLinearRoles = {
    LinearRole::Query, LinearRole::Key, LinearRole::Value, LinearRole::AttentionOutput,
    LinearRole::Gate,  LinearRole::Up,  LinearRole::Down};

/// y [T, out] = x [T, in] W^T (+ bias)
struct LinearLayout {
    int in = 0;
    int out = 0;
    bool bias = false;
};

LinearLayout linearLayout(const ModelConfig& config, LinearRole role);
/// The Hugging Face path, which adapters are named by: "model.layers.3.self_attn.q_proj".
std::string linearPath(int layer, LinearRole role);
/// One number for each linear layer of a model: layer * kLinearRoles + role.
constexpr int linearIndex(int layer, LinearRole role) {
    return layer * kLinearRoles + int(role);
}

} // namespace lorikeet
