// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace lorikeet {

/// Text from a file as a message may show it: in quotes, at most 64 bytes of it, valid UTF-8, no control characters.
std::string quotedText(std::string_view text);

/// True where the bytes are well-formed UTF-8 (no overlong forms, no surrogates).
bool isUtf8(std::string_view text);

/// What a file is that cannot be what it was opened as, and what to do: a Git LFS pointer, a pickle, a web page, ...
/// Empty where its first bytes are nothing that is often mistaken for a tensor file.
std::string foreignFileAdvice(std::span<const std::byte> bytes);

/// Throws BadFile "PATH: fault".
template <typename... Args>
[[noreturn]] void failFile(const std::filesystem::path& path, fmt::format_string<Args...> format, Args&&... args) {
    fail(ErrorCode::BadFile, "{}: {}", path.string(), fmt::vformat(format, fmt::make_format_args(args...)));
}

} // namespace lorikeet
