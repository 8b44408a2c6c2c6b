// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/parser.h"

namespace lorikeet::jinja {

namespace {

/// Of nodes: also chains like a + b + c, which descend to the left.
constexpr int kDeepestNode = 300;

using Kind = Expression::Kind;

ExpressionPtr join(Expression node, ExpressionPtr left, ExpressionPtr right) {
    node.parts.push_back(std::move(left));
    node.parts.push_back(std::move(right));
    return finish(std::move(node));
}

} // namespace

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

} // namespace lorikeet::jinja
