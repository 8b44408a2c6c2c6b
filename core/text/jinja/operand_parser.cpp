// SPDX-License-Identifier: GPL-3.0-or-later
// What stands between operators: constants, names, lists, calls, subscripts, filters and tests.
#include <charconv>

#include "core/text/jinja/parser.h"

namespace lorikeet::jinja {

using Kind = Expression::Kind;

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
