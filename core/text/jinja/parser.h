// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "core/text/jinja/lexer.h"
#include "core/text/jinja/syntax.h"

namespace lorikeet::jinja {

/// Reads tokens in order; what both parsers need.
class TokenReader {
public:
    explicit TokenReader(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}

    const Token& peek(std::size_t ahead = 0) const { return m_tokens[std::min(m_next + ahead, m_tokens.size() - 1)]; }
    Token take() { return m_next + 1 < m_tokens.size() ? m_tokens[m_next++] : m_tokens.back(); }
    int line() const { return peek().line; }

    bool atOperator(std::string_view text) const { return peek().kind == TokenKind::Operator && peek().text == text; }
    bool atName(std::string_view text) const { return peek().kind == TokenKind::Name && peek().text == text; }
    bool takeOperator(std::string_view text);
    bool takeName(std::string_view text);
    /// Throw BadFile naming what was found instead.
    void expectOperator(std::string_view text);
    void expectName(std::string_view text);
    void expect(TokenKind kind, std::string_view what);
    std::string expectIdentifier();
    [[noreturn]] void unexpected(std::string_view wanted) const;

    /// Nesting of the recursive descent; throws BadFile where it would grow too deep.
    class Level {
    public:
        explicit Level(TokenReader& reader);
        ~Level() { --m_reader.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        TokenReader& m_reader;
    };

private:
    std::vector<Token> m_tokens;
    std::size_t m_next = 0;
    int m_depth = 0;
};

/// A node whose parts are complete, with its depth. Throws BadFile where that is too much.
ExpressionPtr finish(Expression node);

/// Expressions by recursive descent, in Jinja's order of precedence.
class ExpressionParser {
public:
    explicit ExpressionParser(TokenReader& reader) : m_reader(reader) {}

    ExpressionPtr parse();
    /// One expression, or several with commas between as a tuple.
    ExpressionPtr parseTuple();
    /// Without the conditional form, as after `in` of a loop.
    ExpressionPtr parseOr();
    /// Filters without a value in front, e.g. "upper | trim".
    ExpressionPtr parseFilters(ExpressionPtr node);

private:
    ExpressionPtr parseAnd();
    ExpressionPtr parseNot();
    ExpressionPtr parseCompare();
    ExpressionPtr parseSum();
    ExpressionPtr parseConcatenation();
    ExpressionPtr parseProduct();
    ExpressionPtr parsePower();
    ExpressionPtr parseUnary(bool withFilter);
    ExpressionPtr parsePrimary();
    ExpressionPtr parsePostfix(ExpressionPtr node);
    ExpressionPtr parseSubscript(ExpressionPtr node);
    ExpressionPtr parseFilter(ExpressionPtr node);
    ExpressionPtr parseTest(ExpressionPtr node);
    ExpressionPtr parseParentheses();
    ExpressionPtr parseList();
    ExpressionPtr parseDict();
    void parseArguments(Expression& node);
    Expression make(Expression::Kind kind, std::string text = {}) const;

    TokenReader& m_reader;
};

/// Parses a whole template. Throws BadFile naming line and fault, NotBuilt for an unsupported tag.
Block parseTemplate(std::string_view source);

} // namespace lorikeet::jinja
