// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/lexer.h"

#include <algorithm>
#include <array>

#include "core/text/jinja/limits.h"
#include "core/text/jinja/literals.h"
#include "core/text/jinja/strings.h"
#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

constexpr std::array<std::string_view, 26> kOperators = {"//", "**", "==", "!=", "<=", ">=", "+", "-", "*",
                                                         "/",  "%",  "~",  "<",  ">",  "=",  "(", ")", "[",
                                                         "]",  "{",  "}",  ",",  ":",  ".",  "|", ";"};

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<uint8_t>(c) & 0x80) != 0;
}

/// Newlines made one character, one at the end left out.
std::string normalizedSource(std::string_view source) {
    std::string result;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r') {
            result += '\n';
            if (i + 1 < source.size() && source[i + 1] == '\n')
                ++i;
        } else {
            result += source[i];
        }
    }
    if (result.ends_with('\n'))
        result.pop_back();
    return result;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_source(normalizedSource(source)) {}

    std::vector<Token> run() {
        while (m_position < m_source.size())
            lexText();
        add(TokenKind::End, {});
        return std::move(m_tokens);
    }

private:
    bool at(std::string_view text) const { return std::string_view(m_source).substr(m_position).starts_with(text); }

    void advance(std::size_t count) {
        m_line +=
            static_cast<int>(std::count(m_source.begin() + static_cast<std::ptrdiff_t>(m_position),
                                        m_source.begin() + static_cast<std::ptrdiff_t>(m_position + count), '\n'));
        m_position += count;
    }

    void skipSpace() {
        const std::string_view rest = std::string_view(m_source).substr(m_position);
        advance(rest.size() - stripLeft(rest).size());
    }

    void add(TokenKind kind, std::string text) { m_tokens.push_back({kind, std::move(text), m_line}); }

    std::size_t findTag() const {
        std::size_t at = m_source.find('{', m_position);
        while (at != std::string::npos &&
               (at + 1 >= m_source.size() || std::string_view("{%#").find(m_source[at + 1]) == std::string_view::npos))
            at = m_source.find('{', at + 1);
        return at;
    }

    /// Text up to the next tag and the tag's beginning.
    void lexText() {
        const std::size_t tag = findTag();
        if (tag == std::string::npos) {
            add(TokenKind::Text, m_source.substr(m_position));
            m_position = m_source.size();
            return;
        }
        const std::string_view text = trimmedBefore(tag);
        if (!text.empty())
            add(TokenKind::Text, std::string(text));
        advance(tag - m_position);
        const char kind = m_source[m_position + 1];
        advance(2);
        if (at("-") || (kind != '{' && at("+")))
            advance(1);
        if (kind == '#')
            lexComment();
        else if (kind == '%' && isRawTag())
            lexRaw();
        else
            lexTag(kind == '{');
    }

    /// The text before a tag without what the tag's sign and lstrip_blocks take away.
    std::string_view trimmedBefore(std::size_t tag) const {
        const std::string_view text = std::string_view(m_source).substr(m_position, tag - m_position);
        const char kind = m_source[tag + 1];
        const char sign = tag + 2 < m_source.size() ? m_source[tag + 2] : ' ';
        if (sign == '-')
            return stripRight(text);
        if (kind == '{' || sign == '+')
            return text;
        const std::size_t newline = text.rfind('\n');
        const std::size_t lineBegin = newline == std::string_view::npos ? 0 : newline + 1;
        if (lineBegin == 0 && !m_atLineStart)
            return text;
        return stripLeft(text.substr(lineBegin)).empty() ? text.substr(0, lineBegin) : text;
    }

    /// Past the end of a tag, with the white space that it takes along.
    bool lexEnd(std::string_view close, bool trimsNewline) {
        m_atLineStart = false;
        if (at("-" + std::string(close))) {
            advance(1 + close.size());
            const std::size_t before = m_position;
            skipSpace();
            m_atLineStart = m_position > before && m_source[m_position - 1] == '\n';
            return true;
        }
        if (trimsNewline && at("+" + std::string(close))) {
            advance(1 + close.size());
            return true;
        }
        if (!at(close))
            return false;
        advance(close.size());
        if (trimsNewline && at("\n")) {
            advance(1);
            m_atLineStart = true;
        }
        return true;
    }

    void lexComment() {
        const int begin = m_line;
        const std::size_t end = m_source.find("#}", m_position);
        if (end == std::string::npos)
            faultAt(begin, "comment without an end");
        const bool sign = end > m_position && (m_source[end - 1] == '-' || m_source[end - 1] == '+');
        advance(end - m_position - (sign ? 1 : 0));
        lexEnd("#}", true);
    }

    bool isRawTag() const {
        std::string_view rest = stripLeft(std::string_view(m_source).substr(m_position));
        if (!rest.starts_with("raw"))
            return false;
        rest = stripLeft(rest.substr(3));
        return rest.starts_with("%}") || rest.starts_with("-%}");
    }

    void lexRaw() {
        const int begin = m_line;
        skipSpace();
        advance(3);
        skipSpace();
        lexEnd("%}", false);
        for (std::size_t tag = m_source.find("{%", m_position); tag != std::string::npos;
             tag = m_source.find("{%", tag + 2)) {
            std::size_t inside = tag + 2;
            if (inside < m_source.size() && (m_source[inside] == '-' || m_source[inside] == '+'))
                ++inside;
            const std::string_view rest = stripLeft(std::string_view(m_source).substr(inside));
            if (!rest.starts_with("endraw"))
                continue;
            const std::string_view text = trimmedBefore(tag);
            if (!text.empty())
                add(TokenKind::Text, std::string(text));
            advance(m_source.size() - rest.size() + 6 - m_position);
            skipSpace();
            if (!lexEnd("%}", true))
                break;
            return;
        }
        faultAt(begin, "raw block without an end");
    }

    void lexTag(bool print) {
        add(print ? TokenKind::PrintBegin : TokenKind::BlockBegin, {});
        const int begin = m_line;
        std::string open;
        while (true) {
            skipSpace();
            if (m_position >= m_source.size())
                faultAt(begin, "tag without an end");
            if (open.empty() && lexEnd(print ? "}}" : "%}", !print)) {
                add(print ? TokenKind::PrintEnd : TokenKind::BlockEnd, {});
                return;
            }
            lexToken(open);
        }
    }

    void lexToken(std::string& open) {
        const char c = m_source[m_position];
        if (c == '\'' || c == '"')
            return lexString(c);
        if (isDigit(c))
            return lexNumber();
        if (isNameStart(c)) {
            std::size_t end = m_position;
            while (end < m_source.size() && (isNameStart(m_source[end]) || isDigit(m_source[end])))
                ++end;
            add(TokenKind::Name, m_source.substr(m_position, end - m_position));
            return advance(end - m_position);
        }
        for (const std::string_view op : kOperators) {
            if (!at(op))
                continue;
            if (op == "(" || op == "[" || op == "{")
                open += op == "(" ? ')' : op == "[" ? ']' : '}';
            if (op == ")" || op == "]" || op == "}") {
                if (open.empty() || open.back() != op[0])
                    faultAt(m_line, "'{}' without its beginning", op);
                open.pop_back();
            }
            add(TokenKind::Operator, std::string(op));
            return advance(op.size());
        }
        faultAt(m_line, "unexpected character U+{:04X}", codePointHere());
    }

    uint32_t codePointHere() const {
        std::size_t position = m_position;
        return static_cast<uint32_t>(nextCodePoint(m_source, position));
    }

    void lexNumber() {
        const NumberSpan number = scanNumber(m_source, m_position);
        std::string text = m_source.substr(m_position, number.end - m_position);
        std::erase(text, '_');
        add(number.isReal ? TokenKind::Float : TokenKind::Integer, std::move(text));
        advance(number.end - m_position);
    }

    void lexString(char quote) {
        std::size_t end = m_position + 1;
        while (end < m_source.size() && m_source[end] != quote)
            end += m_source[end] == '\\' ? 2 : 1;
        if (end >= m_source.size())
            faultAt(m_line, "string without an end");
        add(TokenKind::String,
            unescaped(std::string_view(m_source).substr(m_position + 1, end - m_position - 1), m_line));
        advance(end + 1 - m_position);
    }

    std::string m_source;
    std::size_t m_position = 0;
    int m_line = 1;
    bool m_atLineStart = true;
    std::vector<Token> m_tokens;
};

} // namespace

std::vector<Token> tokenize(std::string_view source) {
    return Lexer(source).run();
}

} // namespace lorikeet::jinja
