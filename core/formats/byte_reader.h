// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <type_traits>

#include "core/formats/messages.h"

namespace lorikeet {

/// Walks forward through the bytes of a file, little endian. Whatever would lead beyond the end is a BadFile that
/// names the file, the place and what was being read.
class ByteReader {
public:
    ByteReader(const std::filesystem::path& path, std::span<const std::byte> bytes) : m_path(path), m_bytes(bytes) {}

    std::size_t offset() const { return m_offset; }
    std::size_t remaining() const { return m_bytes.size() - m_offset; }

    template <typename Number>
    Number number(std::string_view what) {
        static_assert(std::is_arithmetic_v<Number>);
        Number value;
        std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
        return value;
    }

    std::span<const std::byte> take(uint64_t length, std::string_view what) {
        if (length > remaining())
            failFile(m_path, "the file ends within {}: {} bytes are needed at byte {}, {} are left", what, length,
                     m_offset, remaining());
        const auto taken = m_bytes.subspan(m_offset, std::size_t(length));
        m_offset += std::size_t(length);
        return taken;
    }

    /// A string as GGUF stores it: its length in 64 bits, then its bytes.
    std::string_view string(std::string_view what) {
        const auto text = take(number<uint64_t>(what), what);
        return {reinterpret_cast<const char*>(text.data()), text.size()};
    }

private:
    const std::filesystem::path& m_path;
    std::span<const std::byte> m_bytes;
    std::size_t m_offset = 0;
};

} // namespace lorikeet
