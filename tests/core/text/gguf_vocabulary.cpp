// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/text/gguf_vocabulary.h"

#include <fstream>

namespace lorikeet {

namespace {

/// The numbers are GGUF's types of metadata values.
class Writer {
public:
    template <typename Number>
    void number(Number value) {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(const std::string& value) {
        number(uint64_t(value.size()));
        m_bytes += value;
    }
    void key(const std::string& name, uint32_t type) {
        text(name);
        number(type);
        ++m_count;
    }
    void string(const std::string& name, const std::string& value) {
        if (value.empty())
            return;
        key(name, 8);
        text(value);
    }
    void id(const std::string& name, int32_t value) {
        if (value < 0)
            return;
        key(name, 5);
        number(value);
    }
    void flag(const std::string& name, std::optional<bool> value) {
        if (!value)
            return;
        key(name, 7);
        number(uint8_t(*value));
    }
    template <typename Item, typename Write>
    void list(const std::string& name, uint32_t type, const std::vector<Item>& items, Write write) {
        if (items.empty())
            return;
        key(name, 9);
        number(type);
        number(uint64_t(items.size()));
        for (const Item& item : items)
            write(item);
    }
    std::string file() const {
        Writer head;
        head.m_bytes = "GGUF";
        head.number(uint32_t(3));
        head.number(uint64_t(0));
        head.number(m_count);
        return head.m_bytes + m_bytes;
    }

private:
    std::string m_bytes;
    uint64_t m_count = 0;
};

} // namespace

GgufVocabulary tinySentencePiece() {
    GgufVocabulary result;
    result.tokens = {"<unk>", "<s>", "</s>", "\xE2\x96\x81", "a", "b", "ab", "c", "bc"};
    result.scores = {0, 0, 0, -1, -2, -3, -5, -4, -4.5};
    result.types = {2, 3, 3, 1, 1, 1, 1, 1, 1};
    return result;
}

void writeVocabulary(const std::filesystem::path& path, const GgufVocabulary& vocabulary) {
    Writer writer;
    const auto text = [&](const std::string& item) { writer.text(item); };
    const auto number = [&](auto item) { writer.number(item); };
    writer.string("tokenizer.ggml.model", vocabulary.model);
    writer.string("tokenizer.ggml.pre", vocabulary.pre);
    writer.string("tokenizer.chat_template", vocabulary.chatTemplate);
    writer.list("tokenizer.ggml.tokens", 8, vocabulary.tokens, text);
    writer.list("tokenizer.ggml.merges", 8, vocabulary.merges, text);
    writer.list("tokenizer.ggml.scores", 6, vocabulary.scores, number);
    writer.list("tokenizer.ggml.token_type", 5, vocabulary.types, number);
    writer.id("tokenizer.ggml.bos_token_id", vocabulary.bos);
    writer.id("tokenizer.ggml.eos_token_id", vocabulary.eos);
    writer.id("tokenizer.ggml.unknown_token_id", vocabulary.unknown);
    writer.flag("tokenizer.ggml.add_bos_token", vocabulary.addBos);
    writer.flag("tokenizer.ggml.add_eos_token", vocabulary.addEos);
    std::ofstream(path, std::ios::binary) << writer.file();
}

} // namespace lorikeet
