// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>

#include "core/text/jinja/parser.h"

namespace lorikeet::jinja {

namespace {

/// Of the recursive descent: parentheses, blocks.
constexpr int kDeepestNesting = 100;
/// Of nodes: also chains like a + b + c, which descend to the left.
constexpr int kDeepestNode = 300;

using Kind = Expression::Kind;

ExpressionPtr finish(Expression node) {
    int depth = 0;
    for (const ExpressionPtr& part : node.parts)
        if (part)
            depth = std::max(depth, part->depth);
    for (const auto& [name, part] : node.named)
        depth = std::max(depth, part->depth);
    if (depth >= kDeepestNode)
        faultAt(node.line, "expression nested deeper than {} levels", kDeepestNode);
    node.depth = depth + 1;
    return std::make_unique<const Expression>(std::move(node));
}

ExpressionPtr join(Expression node, ExpressionPtr left, ExpressionPtr right) {
    node.parts.push_back(std::move(left));
    node.parts.push_back(std::move(right));
    return finish(std::move(node));
}

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

Expression ExpressionParser::make(Kind kind, std::string text) const {
    Expression node;
    node.kind = kind;
    node.line = m_reader.line();
    node.text = std::move(text);
    return node;
}

ExpressionPtr ExpressionParser::parseTuple() {
    ExpressionPtr first = parse();
    if (!m_reader.atOperator(","))
        return first;
    Expression tuple = make(Kind::Tuple);
    tuple.parts.push_back(std::move(first));
    while (m_reader.takeOperator(",")) {
        const TokenKind next = m_reader.peek().kind;
        if (next == TokenKind::PrintEnd || next == TokenKind::BlockEnd || m_reader.atOperator(")"))
            break;
        tuple.parts.push_back(parse());
    }
    return finish(std::move(tuple));
}

ExpressionPtr ExpressionParser::parse() {
    const TokenReader::Level level(m_reader);
    ExpressionPtr value = parseOr();
    while (m_reader.atName("if")) {
        Expression node = make(Kind::Conditional);
        m_reader.take();
        ExpressionPtr condition = parseOr();
        ExpressionPtr otherwise = m_reader.takeName("else") ? parse() : nullptr;
        node.parts.push_back(std::move(value));
        node.parts.push_back(std::move(condition));
        node.parts.push_back(std::move(otherwise));
        value = finish(std::move(node));
    }
    return value;
}

ExpressionPtr ExpressionParser::parseOr() {
    ExpressionPtr left = parseAnd();
    while (m_reader.atName("or")) {
        Expression node = make(Kind::Or);
        m_reader.take();
        left = join(std::move(node), std::move(left), parseAnd());
    }
    return left;
}

ExpressionPtr ExpressionParser::parseAnd() {
    ExpressionPtr left = parseNot();
    while (m_reader.atName("and")) {
        Expression node = make(Kind::And);
        m_reader.take();
        left = join(std::move(node), std::move(left), parseNot());
    }
    return left;
}

ExpressionPtr ExpressionParser::parseNot() {
    if (!m_reader.atName("not"))
        return parseCompare();
    const TokenReader::Level level(m_reader);
    Expression node = make(Kind::Not);
    m_reader.take();
    node.parts.push_back(parseNot());
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::parseCompare() {
    ExpressionPtr left = parseSum();
    Expression node = make(Kind::Compare);
    while (true) {
        std::string op;
        for (const char* symbol : {"==", "!=", "<=", ">=", "<", ">"})
            if (m_reader.atOperator(symbol))
                op = symbol;
        if (m_reader.atName("in"))
            op = "in";
        else if (m_reader.atName("not") && m_reader.peek(1).kind == TokenKind::Name && m_reader.peek(1).text == "in")
            op = "not in";
        if (op.empty())
            break;
        m_reader.take();
        if (op == "not in")
            m_reader.take();
        node.operators.push_back(std::move(op));
        node.parts.push_back(parseSum());
    }
    if (node.operators.empty())
        return left;
    node.parts.insert(node.parts.begin(), std::move(left));
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::parseSum() {
    ExpressionPtr left = parseConcatenation();
    while (m_reader.atOperator("+") || m_reader.atOperator("-")) {
        Expression node = make(Kind::Binary, m_reader.take().text);
        left = join(std::move(node), std::move(left), parseConcatenation());
    }
    return left;
}

ExpressionPtr ExpressionParser::parseConcatenation() {
    ExpressionPtr left = parseProduct();
    while (m_reader.atOperator("~")) {
        Expression node = make(Kind::Binary, m_reader.take().text);
        left = join(std::move(node), std::move(left), parseProduct());
    }
    return left;
}

ExpressionPtr ExpressionParser::parseProduct() {
    ExpressionPtr left = parsePower();
    while (m_reader.atOperator("*") || m_reader.atOperator("/") || m_reader.atOperator("//") ||
           m_reader.atOperator("%")) {
        Expression node = make(Kind::Binary, m_reader.take().text);
        left = join(std::move(node), std::move(left), parsePower());
    }
    return left;
}

ExpressionPtr ExpressionParser::parsePower() {
    ExpressionPtr left = parseUnary(true);
    while (m_reader.atOperator("**")) {
        Expression node = make(Kind::Binary, m_reader.take().text);
        left = join(std::move(node), std::move(left), parseUnary(true));
    }
    return left;
}

ExpressionPtr ExpressionParser::parseUnary(bool withFilter) {
    const TokenReader::Level level(m_reader);
    ExpressionPtr node;
    if (m_reader.atOperator("-") || m_reader.atOperator("+")) {
        Expression sign = make(Kind::Unary, m_reader.take().text);
        sign.parts.push_back(parseUnary(false));
        node = finish(std::move(sign));
    } else {
        node = parsePrimary();
    }
    node = parsePostfix(std::move(node));
    if (!withFilter)
        return node;
    while (true) {
        if (m_reader.atOperator("|"))
            node = parseFilter(std::move(node));
        else if (m_reader.atName("is"))
            node = parseTest(std::move(node));
        else if (m_reader.atOperator("("))
            node = parsePostfix(std::move(node));
        else
            return node;
    }
}

ExpressionPtr ExpressionParser::parsePrimary() {
    const Token& token = m_reader.peek();
    Expression node = make(Kind::Constant);
    switch (token.kind) {
    case TokenKind::Name:
        if (token.text == "true" || token.text == "True")
            node.value = Value::boolean(true);
        else if (token.text == "false" || token.text == "False")
            node.value = Value::boolean(false);
        else if (token.text != "none" && token.text != "None") {
            node.kind = Kind::Name;
            node.text = token.text;
        }
        m_reader.take();
        return finish(std::move(node));
    case TokenKind::String: {
        std::string text;
        while (m_reader.peek().kind == TokenKind::String)
            text += m_reader.take().text;
        node.value = Value::string(std::move(text));
        return finish(std::move(node));
    }
    case TokenKind::Integer: {
        int64_t value = 0;
        const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
        if (error != std::errc() || end != token.text.data() + token.text.size())
            faultAt(token.line, "number {} is too large", token.text.substr(0, 40));
        node.value = Value::integer(value);
        m_reader.take();
        return finish(std::move(node));
    }
    case TokenKind::Float: {
        double value = 0;
        const auto result = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
        if (result.ec != std::errc())
            faultAt(token.line, "number {} is out of range", token.text.substr(0, 40));
        node.value = Value::real(value);
        m_reader.take();
        return finish(std::move(node));
    }
    default:
        break;
    }
    if (m_reader.atOperator("("))
        return parseParentheses();
    if (m_reader.atOperator("["))
        return parseList();
    if (m_reader.atOperator("{"))
        return parseDict();
    m_reader.unexpected("an expression");
}

ExpressionPtr ExpressionParser::parseParentheses() {
    m_reader.expectOperator("(");
    if (m_reader.takeOperator(")"))
        return finish(make(Kind::Tuple));
    ExpressionPtr inside = parseTuple();
    m_reader.expectOperator(")");
    return inside;
}

ExpressionPtr ExpressionParser::parseList() {
    Expression node = make(Kind::List);
    m_reader.expectOperator("[");
    while (!m_reader.takeOperator("]")) {
        node.parts.push_back(parse());
        if (!m_reader.takeOperator(",") && !m_reader.atOperator("]"))
            m_reader.unexpected("',' or ']'");
    }
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::parseDict() {
    Expression node = make(Kind::Dict);
    m_reader.expectOperator("{");
    while (!m_reader.takeOperator("}")) {
        node.parts.push_back(parse());
        m_reader.expectOperator(":");
        node.parts.push_back(parse());
        if (!m_reader.takeOperator(",") && !m_reader.atOperator("}"))
            m_reader.unexpected("',' or '}'");
    }
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::parsePostfix(ExpressionPtr node) {
    while (true) {
        if (m_reader.atOperator(".")) {
            m_reader.take();
            const bool index = m_reader.peek().kind == TokenKind::Integer;
            Expression attribute = make(index ? Kind::Item : Kind::Attribute);
            attribute.parts.push_back(std::move(node));
            if (index)
                attribute.parts.push_back(parsePrimary());
            else
                attribute.text = m_reader.expectIdentifier();
            node = finish(std::move(attribute));
        } else if (m_reader.atOperator("[")) {
            node = parseSubscript(std::move(node));
        } else if (m_reader.atOperator("(")) {
            Expression call = make(Kind::Call);
            call.parts.push_back(std::move(node));
            parseArguments(call);
            node = finish(std::move(call));
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::parseSubscript(ExpressionPtr node) {
    Expression item = make(Kind::Item);
    m_reader.expectOperator("[");
    item.parts.push_back(std::move(node));
    const auto boundFollows = [&] { return !m_reader.atOperator(":") && !m_reader.atOperator("]"); };
    item.parts.push_back(boundFollows() ? parse() : nullptr);
    if (m_reader.atOperator(":")) {
        item.kind = Kind::Slice;
        for (int bound = 0; bound < 2; ++bound)
            item.parts.push_back(m_reader.takeOperator(":") && boundFollows() ? parse() : nullptr);
    }
    m_reader.expectOperator("]");
    if (item.kind == Kind::Item && !item.parts[1])
        faultAt(item.line, "empty subscript");
    return finish(std::move(item));
}

void ExpressionParser::parseArguments(Expression& node) {
    m_reader.expectOperator("(");
    while (!m_reader.takeOperator(")")) {
        if (m_reader.atOperator("*") || m_reader.atOperator("**"))
            unsupportedAt(m_reader.line(), "unpacking of arguments");
        const bool named = m_reader.peek().kind == TokenKind::Name && m_reader.peek(1).kind == TokenKind::Operator &&
                           m_reader.peek(1).text == "=";
        if (named) {
            std::string name = m_reader.take().text;
            m_reader.take();
            node.named.emplace_back(std::move(name), parse());
        } else {
            if (!node.named.empty())
                faultAt(m_reader.line(), "argument without a name after one with a name");
            node.parts.push_back(parse());
        }
        if (!m_reader.takeOperator(",") && !m_reader.atOperator(")"))
            m_reader.unexpected("',' or ')'");
    }
}

ExpressionPtr ExpressionParser::parseFilter(ExpressionPtr node) {
    m_reader.expectOperator("|");
    return parseFilters(std::move(node));
}

ExpressionPtr ExpressionParser::parseFilters(ExpressionPtr node) {
    do {
        Expression filter = make(Kind::Filter, m_reader.expectIdentifier());
        filter.parts.push_back(std::move(node));
        if (m_reader.atOperator("("))
            parseArguments(filter);
        node = finish(std::move(filter));
    } while (m_reader.takeOperator("|"));
    return node;
}

ExpressionPtr ExpressionParser::parseTest(ExpressionPtr node) {
    m_reader.expectName("is");
    const bool negated = m_reader.takeName("not");
    Expression test = make(Kind::Test, m_reader.expectIdentifier());
    test.parts.push_back(std::move(node));
    const Token& next = m_reader.peek();
    const bool operandFollows = next.kind == TokenKind::Name || next.kind == TokenKind::String ||
                                next.kind == TokenKind::Integer || next.kind == TokenKind::Float ||
                                m_reader.atOperator("[") || m_reader.atOperator("{");
    const bool keyword = next.kind == TokenKind::Name &&
                         (next.text == "else" || next.text == "or" || next.text == "and" || next.text == "if" ||
                          next.text == "is" || next.text == "not" || next.text == "in");
    if (m_reader.atOperator("("))
        parseArguments(test);
    else if (operandFollows && !keyword)
        test.parts.push_back(parsePostfix(parsePrimary()));
    ExpressionPtr result = finish(std::move(test));
    if (!negated)
        return result;
    Expression inverse = make(Kind::Not);
    inverse.parts.push_back(std::move(result));
    return finish(std::move(inverse));
}

} // namespace lorikeet::jinja
