// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lorikeet {

/// Walks the fields of one protocol buffer message. Every method throws BadFile naming `origin` where the bytes are
/// malformed. Points into `bytes`.
class ProtobufReader {
public:
    ProtobufReader(std::string_view bytes, std::string origin) : m_bytes(bytes), m_origin(std::move(origin)) {}

    /// Moves to the next field; false at the end.
    bool next();

    uint32_t field() const { return m_field; }
    /// The field's value; its wire type must fit.
    std::string_view bytes() const;
    uint64_t integer() const;
    float real() const;

    const std::string& origin() const { return m_origin; }

private:
    uint64_t readVarint();
    std::string_view take(uint64_t count);
    void requireWire(uint32_t wire) const;

    std::string_view m_bytes;
    std::string m_origin;
    std::size_t m_position = 0;
    uint32_t m_field = 0, m_wire = 0;
    uint64_t m_integer = 0;
    std::string_view m_value;
};

} // namespace lorikeet
