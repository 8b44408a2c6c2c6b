// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/protobuf_reader.h"

#include <cstring>

#include "core/base/error.h"

namespace lorikeet {

namespace {

enum Wire : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

} // namespace

uint64_t ProtobufReader::readVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        const auto byte = static_cast<uint8_t>(take(1)[0]);
        if (shift == 63 && byte > 1)
            break;
        value |= static_cast<uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    fail(ErrorCode::BadFile, "{}: number of more than 64 bits before byte {}", m_origin, m_position);
}

std::string_view ProtobufReader::take(uint64_t count) {
    if (count > m_bytes.size() - m_position)
        fail(ErrorCode::BadFile, "{}: field of {} bytes at byte {} of {}", m_origin, count, m_position, m_bytes.size());
    const std::string_view result = m_bytes.substr(m_position, count);
    m_position += count;
    return result;
}

bool ProtobufReader::next() {
    if (m_position == m_bytes.size())
        return false;
    const uint64_t tag = readVarint();
    m_field = static_cast<uint32_t>(tag >> 3);
    m_wire = static_cast<uint32_t>(tag & 7);
    if (tag >> 32 != 0 || m_field == 0)
        fail(ErrorCode::BadFile, "{}: field number {} before byte {}", m_origin, tag >> 3, m_position);
    switch (m_wire) {
    case kVarint:
        m_integer = readVarint();
        return true;
    case kFixed64:
        m_value = take(8);
        return true;
    case kLengthDelimited:
        m_value = take(readVarint());
        return true;
    case kFixed32:
        m_value = take(4);
        return true;
    default:
        fail(ErrorCode::BadFile, "{}: wire type {} before byte {}", m_origin, m_wire, m_position);
    }
}

void ProtobufReader::requireWire(uint32_t wire) const {
    if (m_wire != wire)
        fail(ErrorCode::BadFile, "{}: field {} has wire type {}, expected {}", m_origin, m_field, m_wire, wire);
}

std::string_view ProtobufReader::bytes() const {
    requireWire(kLengthDelimited);
    return m_value;
}

uint64_t ProtobufReader::integer() const {
    requireWire(kVarint);
    return m_integer;
}

float ProtobufReader::real() const {
    requireWire(kFixed32);
    float result;
    std::memcpy(&result, m_value.data(), sizeof result);
    return result;
}

} // namespace lorikeet
