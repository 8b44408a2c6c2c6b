// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/formats/messages.h"

namespace lorikeet {

namespace {

constexpr uint64_t kLongestHeader = 100'000'000; // the limit of the safetensors library
constexpr std::size_t kMostDimensions = 16;

struct Entry {
    TensorRecord record;
    std::vector<uint64_t> offsets;
    bool hasType = false;
    bool hasShape = false;
    bool hasOffsets = false;
};

constexpr StoredType kPlainTypes[] = {StoredType::F32, StoredType::F16, StoredType::BF16, StoredType::F64,
                                      StoredType::I8,  StoredType::U8,  StoredType::I16,  StoredType::U16,
                                      StoredType::I32, StoredType::U32, StoredType::I64,  StoredType::U64,
                                      StoredType::Bool};

std::optional<StoredType> typeOfName(std::string_view name) {
    for (StoredType type : kPlainTypes)
        if (storedTypeName(type) == name)
            return type;
    return std::nullopt;
}

/// Takes the header's JSON event by event, so that a hostile header costs no tree, and refuses at once what does not
/// belong: each state names what may come next.
class HeaderHandler : public nlohmann::json_sax<nlohmann::json> {
public:
    std::vector<Entry> entries;
    SafetensorsMetadata metadata;
    std::string fault;

    bool start_object(std::size_t) override {
        switch (m_state) {
        case State::Start:
            return enter(State::Top);
        case State::Metadata:
            return enter(State::MetadataKeys);
        case State::Tensor:
            return enter(State::TensorKeys);
        default:
            return unexpected("an object");
        }
    }

    bool end_object() override {
        if (m_state == State::Top)
            return enter(State::End);
        if (m_state == State::TensorKeys) {
            const Entry& entry = entries.back();
            if (!entry.hasType || !entry.hasShape || !entry.hasOffsets)
                return refuse(
                    fmt::format("the tensor {} lacks dtype, shape or data_offsets", quotedText(entry.record.name)));
        }
        return enter(State::Top);
    }

    bool key(string_t& name) override {
        switch (m_state) {
        case State::Top:
            if (name == "__metadata__")
                return m_hasMetadata ? refuse("__metadata__ is there twice") : enterMetadata();
            entries.emplace_back().record.name = name;
            return enter(State::Tensor);
        case State::MetadataKeys:
            m_metadataKey = name;
            return metadata.contains(name) ? refuse(fmt::format("the metadata key {} is there twice", quotedText(name)))
                                           : enter(State::MetadataValue);
        default:
            return tensorKey(name);
        }
    }

    bool string(string_t& text) override {
        if (m_state == State::MetadataValue) {
            metadata.emplace(m_metadataKey, text);
            return enter(State::MetadataKeys);
        }
        if (m_state != State::Type)
            return unexpected("a string");
        const std::optional<StoredType> type = typeOfName(text);
        if (!type)
            return refuse(fmt::format("the tensor {} has the type {}, which is unknown or not read",
                                      quotedText(entries.back().record.name), quotedText(text)));
        entries.back().record.type = *type;
        return enter(State::TensorKeys);
    }

    bool start_array(std::size_t) override {
        if (m_state == State::Shape)
            return enter(State::ShapeItems);
        if (m_state == State::Offsets)
            return enter(State::OffsetItems);
        return unexpected("an array");
    }

    bool end_array() override { return enter(State::TensorKeys); }

    bool number_unsigned(number_unsigned_t value) override {
        if (m_state == State::OffsetItems && entries.back().offsets.size() < 2) {
            entries.back().offsets.push_back(value);
            return true;
        }
        std::vector<int64_t>& shape = entries.empty() ? m_noShape : entries.back().record.shape;
        if (m_state != State::ShapeItems || shape.size() == kMostDimensions || value > uint64_t(INT64_MAX))
            return unexpected(fmt::format("the number {}", value));
        shape.push_back(int64_t(value));
        return true;
    }

    bool number_integer(number_integer_t value) override { return unexpected(fmt::format("the number {}", value)); }
    bool number_float(number_float_t value, const string_t&) override {
        return unexpected(fmt::format("the number {}", value));
    }
    bool null() override { return unexpected("null"); }
    bool boolean(bool) override { return unexpected("a truth value"); }
    bool binary(binary_t&) override { return unexpected("binary data"); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
        return refuse(fmt::format("it is not valid JSON (or not UTF-8) at byte {}", position));
    }

private:
    /// What may come next.
    enum class State {
        Start,
        Top,           ///< a tensor's name or the end
        Metadata,      ///< its object
        MetadataKeys,  ///< a key or the end
        MetadataValue, ///< a string
        Tensor,        ///< its object
        TensorKeys,    ///< a key or the end
        Type,          ///< a string
        Shape,         ///< an array
        ShapeItems,
        Offsets, ///< an array
        OffsetItems,
        End,
    };

    bool enter(State state) {
        m_state = state;
        return true;
    }

    bool refuse(std::string text) {
        fault = std::move(text);
        return false;
    }

    bool unexpected(std::string_view what) {
        const std::string place = entries.empty() ? std::string("the header") : quotedText(entries.back().record.name);
        return refuse(fmt::format("{} does not belong at {}", what, place));
    }

    bool enterMetadata() {
        m_hasMetadata = true;
        return enter(State::Metadata);
    }

    bool tensorKey(const std::string& name) {
        Entry& entry = entries.back();
        const auto begin = [&](bool& seen, State next) {
            if (seen)
                return refuse(fmt::format("the tensor {} has {} twice", quotedText(entry.record.name), name));
            seen = true;
            return enter(next);
        };
        if (name == "dtype")
            return begin(entry.hasType, State::Type);
        if (name == "shape")
            return begin(entry.hasShape, State::Shape);
        if (name == "data_offsets")
            return begin(entry.hasOffsets, State::Offsets);
        return refuse(
            fmt::format("the tensor {} has the unknown key {}", quotedText(entry.record.name), quotedText(name)));
    }

    State m_state = State::Start;
    bool m_hasMetadata = false;
    std::string m_metadataKey;
    std::vector<int64_t> m_noShape;
};

/// The JSON text of the header.
std::string_view headerText(const std::filesystem::path& path, std::span<const std::byte> file) {
    const std::string advice = foreignFileAdvice(file);
    if (!advice.empty())
        failFile(path, "not a safetensors file: {}", advice);
    if (file.size() < 8)
        failFile(path, "not a safetensors file: {} bytes, at least 8 are needed", file.size());
    uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof length);
    if (length > kLongestHeader)
        failFile(path, "the safetensors header would be {} bytes, at most {} are possible", length, kLongestHeader);
    if (length > file.size() - 8)
        failFile(path, "the safetensors header should be {} bytes, but only {} follow: the file is cut off", length,
                 file.size() - 8);
    const std::string_view text(reinterpret_cast<const char*>(file.data()) + 8, std::size_t(length));
    if (!text.starts_with('{'))
        failFile(path, "the safetensors header does not begin with a brace");
    return text;
}

/// Bytes that a tensor's type and shape ask for; throws where they overflow.
uint64_t declaredBytes(const std::filesystem::path& path, const TensorRecord& record) {
    int64_t bytes = storedBlock(record.type).bytes;
    // A zero does not excuse the others: their product, in whatever order, must not overflow either.
    for (int64_t dim : record.shape)
        if (dim != 0 && __builtin_mul_overflow(bytes, dim, &bytes))
            failFile(path, "the tensor {} is larger than any file: {}", quotedText(record.name), record.text());
    return std::ranges::count(record.shape, 0) > 0 ? 0 : uint64_t(bytes);
}

/// Gives each tensor its bytes. Together the tensors must cover `data` exactly, without holes or overlaps.
void placeTensors(const std::filesystem::path& path, std::vector<Entry>& entries, std::span<const std::byte> data) {
    std::vector<Entry*> ordered;
    for (Entry& entry : entries) {
        const std::string name = quotedText(entry.record.name);
        if (entry.offsets.size() != 2 || entry.offsets[0] > entry.offsets[1])
            failFile(path, "the tensor {} needs a begin and an end, in this order, as data_offsets", name);
        const uint64_t bytes = declaredBytes(path, entry.record);
        if (entry.offsets[1] - entry.offsets[0] != bytes)
            failFile(path, "the tensor {} has {} bytes, but {} needs {}", name, entry.offsets[1] - entry.offsets[0],
                     entry.record.text(), bytes);
        if (entry.offsets[1] > data.size())
            failFile(path, "the tensor {} ends at byte {} of the data, which ends at {}: the file is cut off", name,
                     entry.offsets[1], data.size());
        entry.record.bytes = data.subspan(std::size_t(entry.offsets[0]), std::size_t(bytes));
        ordered.push_back(&entry);
    }
    std::ranges::sort(ordered, {}, [](const Entry* entry) { return std::pair(entry->offsets[0], entry->offsets[1]); });
    uint64_t end = 0;
    for (const Entry* entry : ordered) {
        if (entry->offsets[0] != end)
            failFile(path,
                     "the tensor {} begins at byte {} of the data, where {} is expected: tensors overlap or "
                     "leave a hole",
                     quotedText(entry->record.name), entry->offsets[0], end);
        end = entry->offsets[1];
    }
    if (end != data.size())
        failFile(path, "{} bytes follow the last tensor", data.size() - end);
}

} // namespace

SafetensorsHeader parseSafetensorsHeader(const std::filesystem::path& path, std::span<const std::byte> file) {
    const std::string_view text = headerText(path, file);
    HeaderHandler handler;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &handler))
        failFile(path, "bad safetensors header: {}", handler.fault);
    placeTensors(path, handler.entries, file.subspan(8 + text.size()));
    SafetensorsHeader header;
    header.metadata = std::move(handler.metadata);
    for (Entry& entry : handler.entries)
        header.tensors.push_back(std::move(entry.record));
    return header;
}

} // namespace lorikeet
