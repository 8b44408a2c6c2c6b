// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/rows_fingerprint.h"

#include <fmt/format.h>

#include "core/data/dataset.h"

namespace lorikeet {

uint64_t mixedHash(uint64_t hash, uint64_t number) {
    hash += number + 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    return hash ^ (hash >> 31);
}

void RowsFingerprint::add(const ScannedRow& row) {
    rows += 1;
    if (!row.skipped) {
        tokens += row.length;
        trainedTokens += row.trained;
    }
    const uint64_t skipped = row.skipped ? 1 : 0;
    hash = mixedHash(mixedHash(hash, row.fingerprint), skipped);
}

std::string RowsFingerprint::text() const {
    return fmt::format("{} rows, {} tokens, {} of them trained, fingerprint {:016x}", rows, tokens, trainedTokens,
                       hash);
}

} // namespace lorikeet
