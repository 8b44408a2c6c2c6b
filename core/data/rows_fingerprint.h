// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace lorikeet {

struct ScannedRow;

/// Takes the next number into a hash: the finalizer of SplitMix64 (Steele, Lea, Flood 2014) over their sum.
uint64_t mixedHash(uint64_t hash, uint64_t number);

/// What tells one set of rows from another: rows that train the same, in the same order, have the same.
struct RowsFingerprint {
    int64_t rows = 0;          ///< of the file
    int64_t tokens = 0;        ///< of the rows that are used
    int64_t trainedTokens = 0; ///< of them
    uint64_t hash = 0;         ///< of all rows in order: tokens and masks, and which are skipped

    void add(const ScannedRow& row);
    /// "5 rows, 230 tokens, 61 of them trained, fingerprint 91ab..."
    std::string text() const;
    bool operator==(const RowsFingerprint&) const = default;
};

/// What a run is trained and evaluated on; without a file of its own for evaluation the second is that of no rows.
struct DataFingerprint {
    RowsFingerprint train, eval;

    bool operator==(const DataFingerprint&) const = default;
};

} // namespace lorikeet
