// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generate/sampler.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/random.h"

namespace lorikeet {

Sampler::Sampler(const SamplingOptions& options) : m_options(options) {
    if (!(options.temperature >= 0.0f) || !std::isfinite(options.temperature))
        fail(ErrorCode::BadConfig, "temperature is {}, expected 0 or more", options.temperature);
    if (!(options.topP > 0.0f && options.topP <= 1.0f))
        fail(ErrorCode::BadConfig, "top_p is {}, expected more than 0 and at most 1", options.topP);
    if (!(options.repetitionPenalty > 0.0f) || !std::isfinite(options.repetitionPenalty))
        fail(ErrorCode::BadConfig, "repetition_penalty is {}, expected more than 0 (1 is none)",
             options.repetitionPenalty);
}

int32_t Sampler::mostProbable(std::span<const float> logits) const {
    std::size_t best = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        if (std::isnan(logits[i]))
            fail(ErrorCode::InvalidArgument, "sampling: the logit of token {} is not a number", i);
        if (logits[i] > logits[best])
            best = i;
    }
    if (logits.empty() || !std::isfinite(logits[best]))
        fail(ErrorCode::InvalidArgument, "sampling: none of {} logits is finite", logits.size());
    return int32_t(best);
}

void Sampler::keepTop() {
    double total = 0.0;
    for (const Candidate& candidate : m_candidates)
        total += candidate.weight;
    const auto before = [](const Candidate& a, const Candidate& b) {
        return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
    };
    // A handful of tokens usually holds it all: sort only as far as needed.
    double held = 0.0;
    std::size_t sorted = 0;
    for (std::size_t ask = 64; sorted < m_candidates.size(); ask *= 8) {
        const std::size_t end = std::min(m_candidates.size(), sorted + ask);
        const auto begin = m_candidates.begin();
        std::partial_sort(begin + std::ptrdiff_t(sorted), begin + std::ptrdiff_t(end), m_candidates.end(), before);
        for (; sorted < end; ++sorted) {
            held += m_candidates[sorted].weight;
            if (held >= double(m_options.topP) * total) {
                m_candidates.resize(sorted + 1);
                return;
            }
        }
    }
}

void Sampler::note(std::span<const int32_t> tokens) {
    if (m_options.repetitionPenalty != 1.0f)
        m_noted.insert(tokens.begin(), tokens.end());
}

std::span<const float> Sampler::penalized(std::span<const float> logits) {
    if (m_noted.empty())
        return logits;
    m_penalized.assign(logits.begin(), logits.end());
    for (const int32_t token : m_noted)
        if (token >= 0 && std::size_t(token) < m_penalized.size()) {
            float& logit = m_penalized[std::size_t(token)];
            logit = logit > 0.0f ? logit / m_options.repetitionPenalty : logit * m_options.repetitionPenalty;
        }
    return m_penalized;
}

int32_t Sampler::next(std::span<const float> modelLogits) {
    const std::span<const float> logits = penalized(modelLogits);
    const int32_t best = mostProbable(logits);
    if (m_options.temperature == 0.0f)
        return best;
    const double largest = logits[std::size_t(best)];
    m_candidates.clear();
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const double weight = std::exp((double(logits[i]) - largest) / double(m_options.temperature));
        if (weight > 0.0)
            m_candidates.push_back({int32_t(i), weight});
    }
    if (m_options.topP < 1.0f)
        keepTop();
    double total = 0.0;
    for (const Candidate& candidate : m_candidates)
        total += candidate.weight;
    const RandomStream random{m_options.seed, RandomPurpose::Sampling, 0, 0};
    double left = double(random.uniform(m_drawn++)) * total;
    for (const Candidate& candidate : m_candidates) {
        left -= candidate.weight;
        if (left < 0.0)
            return candidate.token;
    }
    return m_candidates.back().token;
}

} // namespace lorikeet
