// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/messages.h"

namespace lorikeet {

namespace {

/// Length of the well-formed UTF-8 sequence at the front of `text` (not empty), 0 where there is none.
/// The table of well-formed sequences is Unicode's (The Unicode Standard, table 3-7).
std::size_t utf8SequenceLength(std::string_view text) {
    const auto byteAt = [&](std::size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
    const uint8_t lead = byteAt(0);
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const uint8_t lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const uint8_t highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (byteAt(1) < lowest || byteAt(1) > highest)
        return 0;
    for (std::size_t i = 2; i < length; ++i)
        if ((byteAt(i) & 0xc0) != 0x80)
            return 0;
    return length;
}

bool startsWith(std::span<const std::byte> bytes, std::string_view prefix) {
    return bytes.size() >= prefix.size() &&
           std::string_view(reinterpret_cast<const char*>(bytes.data()), prefix.size()) == prefix;
}

} // namespace

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8SequenceLength(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string quotedText(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    std::string shown = "'";
    while (!text.empty()) {
        const std::size_t length = utf8SequenceLength(text);
        if (shown.size() + length > kLongest)
            return shown + "...'";
        const uint8_t lead = uint8_t(text.front());
        if (length == 0 || lead < 0x20 || lead == 0x7f)
            shown += fmt::format("\\x{:02x}", lead);
        else
            shown += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return shown + "'";
}

std::string foreignFileAdvice(std::span<const std::byte> bytes) {
    if (startsWith(bytes, "version https://git-lfs"))
        return "this is a Git LFS pointer, not the file itself: fetch it with \"git lfs pull\", or download it again";
    // A PyTorch checkpoint is a zip archive, or, in its older form, a bare pickle (protocol 2 or later).
    if (startsWith(bytes, "PK\x03\x04") || startsWith(bytes, "\x80\x02") || startsWith(bytes, "\x80\x03") ||
        startsWith(bytes, "\x80\x04") || startsWith(bytes, "\x80\x05"))
        return "this is a PyTorch pickle, which can run any program when it is loaded and is not read: take the "
               "model's .safetensors files, or convert it with save_pretrained(..., safe_serialization=True)";
    if (startsWith(bytes, "<!DOCTYPE") || startsWith(bytes, "<!doctype") || startsWith(bytes, "<html"))
        return "this is a web page, not a model: the download went wrong";
    if (startsWith(bytes, "GGUF"))
        return "this is a GGUF file";
    if (startsWith(bytes, "FUGG"))
        return "this is a big-endian GGUF file, which is not read: convert it with gguf-convert-endian";
    if (startsWith(bytes, "ggml") || startsWith(bytes, "lmgg") || startsWith(bytes, "tjgg") ||
        startsWith(bytes, "fmgg"))
        return "this is a GGML file from before GGUF, which is not read: convert it with llama.cpp";
    return {};
}

} // namespace lorikeet
