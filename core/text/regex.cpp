// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <chrono>

#include "core/base/error.h"

namespace lorikeet {

namespace {

/// Backtracking steps of one match; real patterns need a few dozen.
constexpr uint32_t kMatchLimit = 200'000;
constexpr uint32_t kHeapLimitKiB = 64 * 1024;
constexpr std::size_t kJitStackBytes = std::size_t(8) << 20;
constexpr std::size_t kLongestPattern = 16 * 1024;
/// A whole text may take this long, plus a hundred times what a slow machine needs for each byte.
constexpr double kSecondsPerText = 10, kSecondsPerByte = 2e-5;

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

using Code = std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Deleter<pcre2_compile_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>>;
using JitStack = std::unique_ptr<pcre2_jit_stack, Deleter<pcre2_jit_stack_free>>;

std::string errorText(int code) {
    PCRE2_UCHAR buffer[256];
    pcre2_get_error_message(code, buffer, sizeof buffer);
    return reinterpret_cast<const char*>(buffer);
}

/// What a thread needs to match, reused between calls since the stack is expensive to make.
struct Scratch {
    JitStack stack{pcre2_jit_stack_create(32 * 1024, kJitStackBytes, nullptr)};
    MatchContext context{pcre2_match_context_create(nullptr)};

    Scratch() {
        if (!stack || !context)
            throw std::bad_alloc();
        pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
        pcre2_set_match_limit(context.get(), kMatchLimit);
        pcre2_set_heap_limit(context.get(), kHeapLimitKiB);
    }
};

/// Throws once a text has taken longer than its share; looks at the clock rarely.
class TimeLimit {
public:
    explicit TimeLimit(std::size_t bytes)
        : m_end(std::chrono::steady_clock::now() +
                std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                    std::chrono::duration<double>(kSecondsPerText + kSecondsPerByte * static_cast<double>(bytes)))) {}

    bool exceeded() { return (++m_count & 63) == 0 && std::chrono::steady_clock::now() > m_end; }

private:
    std::chrono::steady_clock::time_point m_end;
    unsigned m_count = 0;
};

} // namespace

struct Regex::State {
    Code code;
    std::string pattern, origin;
};

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Regex::Regex(std::string_view pattern, std::string_view origin) {
    if (pattern.size() > kLongestPattern)
        fail(ErrorCode::BadFile, "{}: regular expression of {} bytes, the limit is {}", origin, pattern.size(),
             kLongestPattern);
    const std::string translated = translateOniguruma(pattern, origin);
    const CompileContext context(pcre2_compile_context_create(nullptr));
    if (!context)
        throw std::bad_alloc();
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int error = 0;
    PCRE2_SIZE at = 0;
    // MULTILINE, since Oniguruma's ^ and $ match at every line.
    constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
    Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(), kOptions, &error, &at,
                            context.get()));
    if (!code)
        fail(ErrorCode::BadFile, "{}: regular expression '{}': {} at byte {}", origin, pattern, errorText(error), at);
    // Where there is no JIT for this processor the interpreter matches the same, more slowly.
    pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
    m_state = std::make_unique<const State>(State{std::move(code), std::string(pattern), std::string(origin)});
}

void Regex::forEachMatch(std::string_view text, FunctionRef<void(std::size_t, std::size_t)> onMatch) const {
    static thread_local const Scratch scratch;
    const MatchData data(pcre2_match_data_create(1, nullptr));
    if (!data)
        throw std::bad_alloc();
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
    TimeLimit limit(text.size());
    for (std::size_t position = 0; position < text.size();) {
        const int result = pcre2_match(m_state->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                       position, PCRE2_NO_UTF_CHECK, data.get(), scratch.context.get());
        if (result == PCRE2_ERROR_NOMATCH)
            return;
        if (result < 0 || limit.exceeded())
            fail(ErrorCode::BadFile, "{}: regular expression '{}' at byte {} of a text: {}", m_state->origin,
                 m_state->pattern, position, result < 0 ? errorText(result) : "takes too long");
        const std::size_t begin = range[0], end = range[1];
        // An empty match, or one that \K moved backwards: go on one character further.
        if (begin < position || end <= begin) {
            position = std::max(position, end);
            if (position < text.size())
                ++position;
            while (position < text.size() && (static_cast<uint8_t>(text[position]) & 0xC0) == 0x80)
                ++position;
            continue;
        }
        onMatch(begin, end);
        position = end;
    }
}

std::string translateOniguruma(std::string_view pattern, std::string_view origin) {
    std::string result;
    int classDepth = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        const std::string_view rest = pattern.substr(i);
        if (c == '\\' && i + 1 < pattern.size()) {
            const char escaped = pattern[++i];
            if (escaped == 's' || escaped == 'S')
                result += escaped == 's' ? "\\p{White_Space}" : "\\P{White_Space}";
            else if (escaped == 'h')
                result += classDepth > 0 ? "0-9A-Fa-f" : "[0-9A-Fa-f]";
            else
                result.append({c, escaped});
            continue;
        }
        if (classDepth > 0 && rest.starts_with("&&"))
            fail(ErrorCode::BadFile, "{}: regular expression '{}': class intersection is not supported", origin,
                 pattern);
        if (classDepth == 0 && (rest.starts_with("(?m") || rest.starts_with("(?im") || rest.starts_with("(?C")))
            fail(ErrorCode::BadFile, "{}: regular expression '{}': option at byte {} is not supported", origin, pattern,
                 i);
        if (classDepth > 0 && c == '[' && !rest.starts_with("[:"))
            fail(ErrorCode::BadFile, "{}: regular expression '{}': class within a class is not supported", origin,
                 pattern);
        result += c;
        if (c == '[') {
            if (classDepth > 0) {
                const std::size_t close = rest.find(":]");
                if (close == std::string_view::npos)
                    fail(ErrorCode::BadFile, "{}: regular expression '{}': open class name", origin, pattern);
                result += rest.substr(1, close + 1);
                i += close + 1;
                continue;
            }
            classDepth = 1;
            // A bracket in first place is a member.
            if (i + 1 < pattern.size() && pattern[i + 1] == '^')
                result += pattern[++i];
            if (i + 1 < pattern.size() && pattern[i + 1] == ']')
                result += pattern[++i];
        } else if (c == ']' && classDepth > 0) {
            classDepth = 0;
        }
    }
    return result;
}

} // namespace lorikeet
