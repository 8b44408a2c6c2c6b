// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace lorikeet {

/// What a caller can act on. The message says the rest.
enum class ErrorCode {
    InvalidArgument, ///< a caller broke a contract, e.g. shapes that do not fit
    BadFile,         ///< a file's content is malformed
    BadConfig,       ///< a run file or an option has a wrong key or value
    NotBuilt,        ///< a valid wish that this version cannot fulfil yet
    NotFound,
    OutOfMemory,
    Cancelled,
    Busy, ///< somebody else holds it: a run, a lock, a database
    DeviceLost,
    Io,
    Network,
};

/// The code as the command line prints it: "bad_file", "out_of_memory", ...
std::string_view errorCodeName(ErrorCode code);

/// The only exception type that core throws. The message names the operation and the actual values.
class Error : public std::exception {
public:
    Error(ErrorCode code, std::string message) : m_code(code), m_message(std::move(message)) {}

    ErrorCode code() const noexcept { return m_code; }
    const std::string& message() const noexcept { return m_message; }
    const char* what() const noexcept override { return m_message.c_str(); }

private:
    ErrorCode m_code;
    std::string m_message;
};

/// Throws Error{code, formatted message}.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(code, fmt::vformat(format, fmt::make_format_args(args...)));
}

} // namespace lorikeet
