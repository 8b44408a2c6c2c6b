// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/rope_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace lorikeet {

namespace {

/// The dimension whose wave turns `rotations` times within the original context (Peng et al. 2023, section 3.2).
double yarnDimension(const RopeConfig& rope, double rotations) {
    return rope.rotaryDim * std::log(double(rope.originalPositions) / (rotations * 2.0 * std::numbers::pi)) /
           (2.0 * std::log(rope.theta));
}

void stretchYarn(const RopeConfig& rope, std::vector<float>& frequencies) {
    double low = yarnDimension(rope, rope.betaFast);
    double high = yarnDimension(rope, rope.betaSlow);
    if (rope.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, double(rope.rotaryDim - 1));
    if (low == high)
        high += 0.001;
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const float ramp = std::clamp(float((double(i) - low) / (high - low)), 0.0f, 1.0f);
        const float kept = 1.0f - ramp;
        frequencies[i] = frequencies[i] / float(rope.factor) * (1.0f - kept) + frequencies[i] * kept;
    }
}

void stretchLlama3(const RopeConfig& rope, std::vector<float>& frequencies) {
    const double context = double(rope.originalPositions);
    for (float& frequency : frequencies) {
        const double wavelength = 2.0 * std::numbers::pi / frequency;
        if (wavelength < context / rope.highFrequencyFactor)
            continue;
        const float stretched = float(frequency / rope.factor);
        if (wavelength > context / rope.lowFrequencyFactor) {
            frequency = stretched;
            continue;
        }
        const double smooth =
            (context / wavelength - rope.lowFrequencyFactor) / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
        frequency = float((1.0 - smooth) * stretched + smooth * frequency);
    }
}

std::shared_ptr<RopeTable> emptyTable(ExecutionContext& context, int64_t positions, int64_t columns) {
    auto table = std::make_shared<RopeTable>();
    table->cosines = context.allocate(DType::F32, {positions, columns}, MemoryTag::Weights);
    table->sines = context.allocate(DType::F32, {positions, columns}, MemoryTag::Weights);
    return table;
}

std::shared_ptr<const RopeTable> makeTable(ExecutionContext& context, const std::vector<float>& frequencies,
                                           double attentionFactor, int64_t positions) {
    const int64_t columns = int64_t(frequencies.size());
    std::vector<float> cosines(std::size_t(positions * columns));
    std::vector<float> sines(cosines.size());
    for (int64_t position = 0; position < positions; ++position)
        for (int64_t i = 0; i < columns; ++i) {
            const float angle = frequencies[std::size_t(i)] * float(position);
            cosines[std::size_t(position * columns + i)] = float(std::cos(double(angle)) * attentionFactor);
            sines[std::size_t(position * columns + i)] = float(std::sin(double(angle)) * attentionFactor);
        }
    const std::shared_ptr<RopeTable> table = emptyTable(context, positions, columns);
    context.backend().upload(context, cosines.data(), table->cosines);
    context.backend().upload(context, sines.data(), table->sines);
    // Other contexts may read it as soon as it is known.
    context.backend().synchronize(context);
    return table;
}

} // namespace

std::vector<float> ropeFrequencies(const RopeConfig& rope, int64_t maxPositions, int64_t length) {
    double theta = rope.theta;
    if (rope.type == RopeType::Dynamic) {
        const double longest = double(std::max(length, maxPositions));
        theta *= std::pow(rope.factor * longest / double(maxPositions) - (rope.factor - 1.0),
                          double(rope.rotaryDim) / double(rope.rotaryDim - 2));
    }
    std::vector<float> frequencies(std::size_t(rope.rotaryDim / 2));
    for (std::size_t i = 0; i < frequencies.size(); ++i)
        frequencies[i] = 1.0f / std::pow(float(theta), float(2 * i) / float(rope.rotaryDim));
    if (rope.type == RopeType::Linear)
        for (float& frequency : frequencies)
            frequency /= float(rope.factor);
    if (rope.type == RopeType::Yarn)
        stretchYarn(rope, frequencies);
    if (rope.type == RopeType::Llama3)
        stretchLlama3(rope, frequencies);
    for (std::size_t i = 0; i < rope.divisors.size(); ++i)
        frequencies[i] /= rope.divisors[i];
    return frequencies;
}

std::shared_ptr<const RopeTable> RopeTables::upTo(ExecutionContext& context, int64_t positions) const {
    // Beyond the context that the model knows, dynamic frequencies depend on the length itself.
    const int64_t length = m_rope.type == RopeType::Dynamic ? std::max(positions, m_maxPositions) : 0;
    const std::lock_guard lock(m_mutex);
    if (!m_latest || m_latest->positions() < positions || m_latestLength != length) {
        const int64_t rows = std::max<int64_t>(256, int64_t(std::bit_ceil(uint64_t(positions))));
        m_latest = m_isEmpty ? emptyTable(context, rows, m_rope.rotaryDim / 2)
                             : makeTable(context, ropeFrequencies(m_rope, m_maxPositions, length),
                                         m_rope.attentionFactor, rows);
        m_latestLength = length;
    }
    return m_latest;
}

} // namespace lorikeet
