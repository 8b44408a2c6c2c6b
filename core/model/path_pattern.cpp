// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/path_pattern.h"

#include <array>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

struct FreePcre {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

// Paths have some sixty characters: an honest expression needs a few hundred steps.
constexpr uint32_t kStepLimit = 100000;
constexpr uint32_t kHeapLimit = 4096; // KiB; a step of an expression with many groups takes more memory, and longer
constexpr std::size_t kLengthLimit = 65536;

} // namespace

struct PathPattern::State {
    std::unique_ptr<pcre2_code, FreePcre> code;
    std::unique_ptr<pcre2_match_data, FreePcre> data;
    std::unique_ptr<pcre2_match_context, FreePcre> context;
};

PathPattern::PathPattern(std::string_view expression, std::string_view key)
    : m_expression(expression), m_key(key), m_state(std::make_unique<State>()) {
    if (expression.size() > kLengthLimit)
        fail(ErrorCode::BadConfig, "{}: an expression of {} characters, at most {} are possible", key,
             expression.size(), kLengthLimit);
    int error = 0;
    PCRE2_SIZE offset = 0;
    m_state->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                                      PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &offset, nullptr));
    if (!m_state->code) {
        std::array<PCRE2_UCHAR, 256> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        fail(ErrorCode::BadConfig, "{}: \"{}\" is no regular expression: {} at character {}", key, expression,
             reinterpret_cast<const char*>(message.data()), offset);
    }
    m_state->data.reset(pcre2_match_data_create_from_pattern(m_state->code.get(), nullptr));
    m_state->context.reset(pcre2_match_context_create(nullptr));
    if (!m_state->data || !m_state->context)
        fail(ErrorCode::OutOfMemory, "{}: no memory for a regular expression", key);
    pcre2_set_match_limit(m_state->context.get(), kStepLimit);
    pcre2_set_heap_limit(m_state->context.get(), kHeapLimit);
}

PathPattern::~PathPattern() = default;

bool PathPattern::matches(std::string_view path) const {
    const int result = pcre2_match(m_state->code.get(), reinterpret_cast<PCRE2_SPTR>(path.data()), path.size(), 0, 0,
                                   m_state->data.get(), m_state->context.get());
    if (result < 0 && result != PCRE2_ERROR_NOMATCH)
        fail(ErrorCode::BadConfig, "{}: matching \"{}\" takes too many steps or too much memory", m_key, m_expression);
    return result >= 0;
}

} // namespace lorikeet
