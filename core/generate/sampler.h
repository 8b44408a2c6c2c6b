// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

namespace lorikeet {

/// How the next token is chosen.
struct SamplingOptions {
    float temperature = 0.0f; ///< 0: the most probable one, always
    float topP = 1.0f;        ///< only among the most probable ones that hold this much probability together
    uint64_t seed = 0;
    /// What the logits of tokens that stand in the text already are divided by where above 0, and multiplied by where
    /// below (Keskar et al. 2019, CTRL, section 4.1); 1: nothing.
    float repetitionPenalty = 1.0f;
};

/// Chooses tokens from logits: the same ones for the same options, logits and order of calls, on any machine whose
/// logits are the same bits.
class Sampler {
public:
    /// Throws BadConfig for a temperature below 0 or topP outside of (0, 1], or a penalty that is not above 0.
    explicit Sampler(const SamplingOptions& options);

    /// These tokens stand in the text, too: what the penalty is for.
    void note(std::span<const int32_t> tokens);
    /// The next token from the logits of one row; of equal ones the lowest id. Throws InvalidArgument where a logit
    /// is NaN or none is finite.
    int32_t next(std::span<const float> logits);

private:
    struct Candidate {
        int32_t token;
        double weight; ///< its probability times a common factor
    };

    int32_t mostProbable(std::span<const float> logits) const;
    void keepTop();
    std::span<const float> penalized(std::span<const float> logits);

    SamplingOptions m_options;
    uint64_t m_drawn = 0;
    std::set<int32_t> m_noted; ///< empty without a penalty
    std::vector<float> m_penalized;
    std::vector<Candidate> m_candidates;
};

} // namespace lorikeet
