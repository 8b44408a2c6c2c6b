// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/backend/backend.h"
#include "core/model/model_config.h"

namespace lorikeet {

/// Cosines and sines of every angle that positions below P turn by: what Backend::rope reads.
struct RopeTable {
    Storage cosines; ///< F32 [P, R]
    Storage sines;   ///< F32 [P, R]

    int64_t positions() const { return cosines.shape()[0]; }
};

/// inv_freq [rotaryDim / 2] for a batch whose positions are below `length` (which matters to the dynamic type only:
/// numerics, section 7).
std::vector<float> ropeFrequencies(const RopeConfig& rope, int64_t maxPositions, int64_t length);

/// The tables of one model, made when first needed and kept for those who come next. Any thread.
class RopeTables {
public:
    RopeTables(RopeConfig rope, int64_t maxPositions) : m_rope(std::move(rope)), m_maxPositions(maxPositions) {}

    /// From now on tables are only allocated, not computed: for accounts of memory.
    void leaveEmpty() { m_isEmpty = true; }
    /// A table of at least `positions` rows.
    std::shared_ptr<const RopeTable> upTo(ExecutionContext&, int64_t positions) const;

private:
    RopeConfig m_rope;
    int64_t m_maxPositions;
    bool m_isEmpty = false;
    mutable std::mutex m_mutex;
    mutable std::shared_ptr<const RopeTable> m_latest;
    mutable int64_t m_latestLength = 0; ///< whose frequencies m_latest has
};

} // namespace lorikeet
