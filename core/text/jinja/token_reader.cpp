// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/parser.h"

namespace lorikeet::jinja {

namespace {

/// Of the recursive descent: parentheses, blocks.
constexpr int kDeepestNesting = 100;

} // namespace

TokenReader::Level::Level(TokenReader& reader) : m_reader(reader) {
    if (++reader.m_depth > kDeepestNesting) {
        --reader.m_depth;
        faultAt(reader.line(), "nested deeper than {} levels", kDeepestNesting);
    }
}

bool TokenReader::takeOperator(std::string_view text) {
    if (!atOperator(text))
        return false;
    take();
    return true;
}

bool TokenReader::takeName(std::string_view text) {
    if (!atName(text))
        return false;
    take();
    return true;
}

void TokenReader::expectOperator(std::string_view text) {
    if (!takeOperator(text))
        unexpected(fmt::format("'{}'", text));
}

void TokenReader::expectName(std::string_view text) {
    if (!takeName(text))
        unexpected(fmt::format("'{}'", text));
}

void TokenReader::expect(TokenKind kind, std::string_view what) {
    if (peek().kind != kind)
        unexpected(what);
    take();
}

std::string TokenReader::expectIdentifier() {
    if (peek().kind != TokenKind::Name)
        unexpected("a name");
    return take().text;
}

void TokenReader::unexpected(std::string_view wanted) const {
    const Token& token = peek();
    switch (token.kind) {
    case TokenKind::End:
        faultAt(token.line, "expected {}, found the end", wanted);
    case TokenKind::BlockEnd:
    case TokenKind::PrintEnd:
        faultAt(token.line, "expected {}, found the end of the tag", wanted);
    default:
        faultAt(token.line, "expected {}, found '{}'", wanted, token.text.substr(0, 60));
    }
}

} // namespace lorikeet::jinja
