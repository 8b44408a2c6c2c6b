// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_charsmap.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "core/base/error.h"

namespace lorikeet {

namespace {

/// libsentencepiece has room for so many prefixes of one key that are keys themselves.
constexpr int kMostPrefixes = 31;
constexpr int kLongestKey = 256;

/// The double array of darts-clone: a unit holds the label that leads to it, the offset to its children, and a flag
/// for a value among them.
class Trie {
public:
    Trie(std::string_view bytes, std::size_t valueBytes, const std::string& origin)
        : m_units(bytes.size() / 4), m_valueBytes(valueBytes), m_origin(origin),
          m_prefixes(m_units.size(), kUnvisited) {
        std::memcpy(m_units.data(), bytes.data(), m_units.size() * 4);
    }

    void check() {
        for (std::size_t i = 0; i < m_units.size(); ++i) {
            // A search takes the root for a node whatever it says.
            if (i != 0 && m_units[i] >> 31)
                continue;
            if ((target(i) | 0xFF) >= m_units.size())
                fail(ErrorCode::BadFile, "{}: the character map's unit {} leads out of it", m_origin, i);
            if (hasValue(i) && (m_units[target(i)] & 0x7FFFFFFF) >= m_valueBytes)
                fail(ErrorCode::BadFile, "{}: a value of the character map lies outside of it", m_origin);
        }
        if (prefixesBelow(0, 0) > kMostPrefixes)
            fail(ErrorCode::BadFile, "{}: the character map nests more than {} keys", m_origin, kMostPrefixes);
    }

private:
    static constexpr int16_t kUnvisited = -1, kUnderWay = -2;

    std::size_t target(std::size_t i) const {
        const uint32_t unit = m_units[i];
        return i ^ (static_cast<std::size_t>(unit >> 10) << ((unit & (1U << 9)) >> 6));
    }
    bool hasValue(std::size_t i) const { return (m_units[i] >> 8 & 1) != 0; }

    /// The most values on a path from unit `i` down.
    int prefixesBelow(std::size_t i, int depth) {
        if (m_prefixes[i] >= 0)
            return m_prefixes[i];
        if (m_prefixes[i] == kUnderWay || depth > kLongestKey)
            fail(ErrorCode::BadFile, "{}: the character map has a cycle or a key of more than {} bytes", m_origin,
                 kLongestKey);
        m_prefixes[i] = kUnderWay;
        int most = 0;
        for (uint32_t label = 1; label < 256; ++label) {
            const std::size_t child = target(i) ^ label;
            if ((m_units[child] & 0x800000FF) == label)
                most = std::max(most, prefixesBelow(child, depth + 1));
        }
        m_prefixes[i] = static_cast<int16_t>(std::min(most + (hasValue(i) ? 1 : 0), 1000));
        return m_prefixes[i];
    }

    std::vector<uint32_t> m_units;
    std::size_t m_valueBytes;
    const std::string& m_origin;
    std::vector<int16_t> m_prefixes;
};

} // namespace

void checkCharacterMap(std::string_view bytes, const std::string& origin) {
    if (bytes.empty())
        return;
    uint32_t trieBytes = 0;
    if (bytes.size() > 4)
        std::memcpy(&trieBytes, bytes.data(), 4);
    const bool fits = bytes.size() > 4 && trieBytes % 1024 == 0 && trieBytes > 0 && trieBytes < bytes.size() - 4;
    if (!fits || bytes.back() != '\0')
        fail(ErrorCode::BadFile, "{}: character map of {} bytes with a trie of {}", origin, bytes.size(), trieBytes);
    Trie(bytes.substr(4, trieBytes), bytes.size() - 4 - trieBytes, origin).check();
}

} // namespace lorikeet
