// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <initializer_list>

#include "core/text/jinja/parser.h"

namespace lorikeet::jinja {

namespace {

using Kind = Statement::Kind;

class StatementParser {
public:
    explicit StatementParser(std::string_view source) : m_reader(tokenize(source)), m_expressions(m_reader) {}

    Block parseAll() {
        Block block = parseBlock({});
        if (m_reader.peek().kind != TokenKind::End)
            faultAt(m_reader.line(), "'{}' without its beginning", m_reader.peek(1).text);
        return block;
    }

private:
    using Names = std::initializer_list<std::string_view>;

    /// Statements up to a tag of one of `ends`, whose name is next; or to the end where there are none.
    Block parseBlock(Names ends) {
        const TokenReader::Level level(m_reader);
        const int begin = m_reader.line();
        Block block;
        while (m_reader.peek().kind != TokenKind::End) {
            if (m_reader.peek().kind == TokenKind::Text) {
                auto text = make(Kind::Text);
                text.text = m_reader.take().text;
                add(block, std::move(text));
                continue;
            }
            if (m_reader.peek().kind == TokenKind::PrintBegin) {
                m_reader.take();
                auto print = make(Kind::Print);
                print.expression = m_expressions.parseTuple();
                m_reader.expect(TokenKind::PrintEnd, "'}}'");
                add(block, std::move(print));
                continue;
            }
            const std::string& name = m_reader.peek(1).text;
            if (std::find(ends.begin(), ends.end(), name) != ends.end()) {
                m_reader.take();
                return block;
            }
            if (name.starts_with("end") || name == "else" || name == "elif")
                break;
            m_reader.take();
            add(block, parseTag());
        }
        if (ends.size() != 0)
            faultAt(begin, "no '{}' before line {}", *(ends.end() - 1), m_reader.line());
        return block;
    }

    Statement make(Kind kind) const {
        Statement statement;
        statement.kind = kind;
        statement.line = m_reader.line();
        return statement;
    }

    static void add(Block& block, Statement statement) {
        block.push_back(std::make_unique<const Statement>(std::move(statement)));
    }

    void endTag() { m_reader.expect(TokenKind::BlockEnd, "'%}'"); }

    /// The body of a statement up to its end tag, that tag included.
    Block parseBody(std::string_view end) {
        endTag();
        Block body = parseBlock({end});
        m_reader.expectName(end);
        endTag();
        return body;
    }

    Statement parseTag() {
        const Token tag = m_reader.peek();
        const std::string name = m_reader.expectIdentifier();
        if (name == "if")
            return parseIf();
        if (name == "for")
            return parseFor();
        if (name == "set")
            return parseSet();
        if (name == "macro")
            return parseMacro();
        if (name == "call")
            return parseCall();
        if (name == "with")
            return parseWith();
        if (name == "filter")
            return parseFilterBlock();
        if (name == "generation") {
            Statement statement = make(Kind::Scope);
            statement.blocks.push_back(parseBody("endgeneration"));
            return statement;
        }
        if (name == "break" || name == "continue") {
            if (m_loops == 0)
                faultAt(tag.line, "'{}' outside of a loop", name);
            Statement statement = make(name == "break" ? Kind::Break : Kind::Continue);
            endTag();
            return statement;
        }
        unsupportedAt(tag.line, "the tag '" + name.substr(0, 60) + "'");
    }

    Statement parseIf() {
        Statement statement = make(Kind::If);
        statement.conditions.push_back(m_expressions.parseTuple());
        while (true) {
            endTag();
            statement.blocks.push_back(parseBlock({"elif", "else", "endif"}));
            if (m_reader.takeName("elif")) {
                statement.conditions.push_back(m_expressions.parseTuple());
                continue;
            }
            if (m_reader.takeName("else"))
                statement.blocks.push_back(parseBody("endif"));
            else {
                m_reader.expectName("endif");
                endTag();
            }
            return statement;
        }
    }

    std::vector<std::string> parseTargets() {
        std::vector<std::string> names;
        const bool parenthesized = m_reader.takeOperator("(");
        do {
            if (!names.empty() && m_reader.peek().kind != TokenKind::Name)
                break;
            names.push_back(m_reader.expectIdentifier());
        } while (m_reader.takeOperator(","));
        if (parenthesized)
            m_reader.expectOperator(")");
        return names;
    }

    Statement parseFor() {
        Statement statement = make(Kind::For);
        statement.targets = parseTargets();
        m_reader.expectName("in");
        statement.expression = m_expressions.parseOr();
        if (m_reader.takeName("if"))
            statement.condition = m_expressions.parse();
        if (m_reader.atName("recursive"))
            unsupportedAt(m_reader.line(), "a recursive loop");
        endTag();
        ++m_loops;
        statement.blocks.push_back(parseBlock({"else", "endfor"}));
        --m_loops;
        if (m_reader.takeName("else")) {
            statement.blocks.push_back(parseBody("endfor"));
        } else {
            m_reader.expectName("endfor");
            endTag();
        }
        return statement;
    }

    Statement parseSet() {
        Statement statement = make(Kind::Set);
        statement.targets = parseTargets();
        if (statement.targets.size() == 1 && m_reader.takeOperator("."))
            statement.text = m_reader.expectIdentifier();
        if (m_reader.takeOperator("=")) {
            statement.expression = m_expressions.parseTuple();
            endTag();
            return statement;
        }
        if (statement.targets.size() != 1 || !statement.text.empty())
            m_reader.unexpected("'='");
        statement.kind = Kind::SetBlock;
        if (m_reader.takeOperator("|"))
            statement.expression = m_expressions.parseFilters(nullptr);
        statement.blocks.push_back(parseBody("endset"));
        return statement;
    }

    std::vector<Parameter> parseParameters() {
        std::vector<Parameter> parameters;
        m_reader.expectOperator("(");
        while (!m_reader.takeOperator(")")) {
            Parameter parameter;
            parameter.name = m_reader.expectIdentifier();
            if (m_reader.takeOperator("="))
                parameter.standard = m_expressions.parse();
            else if (!parameters.empty() && parameters.back().standard)
                faultAt(m_reader.line(), "parameter without a default after one with a default");
            parameters.push_back(std::move(parameter));
            if (!m_reader.takeOperator(",") && !m_reader.atOperator(")"))
                m_reader.unexpected("',' or ')'");
        }
        return parameters;
    }

    /// A body that runs elsewhere: loops around it are not its own.
    Block parseOwnBody(std::string_view end) {
        const int loops = std::exchange(m_loops, 0);
        Block body = parseBody(end);
        m_loops = loops;
        return body;
    }

    Statement parseMacro() {
        Statement statement = make(Kind::Macro);
        statement.text = m_reader.expectIdentifier();
        statement.parameters = parseParameters();
        statement.blocks.push_back(parseOwnBody("endmacro"));
        return statement;
    }

    Statement parseCall() {
        Statement statement = make(Kind::Call);
        if (m_reader.atOperator("("))
            statement.parameters = parseParameters();
        statement.expression = m_expressions.parse();
        if (statement.expression->kind != Expression::Kind::Call)
            faultAt(statement.line, "expected a call");
        statement.blocks.push_back(parseOwnBody("endcall"));
        return statement;
    }

    Statement parseWith() {
        Statement statement = make(Kind::Scope);
        while (m_reader.peek().kind == TokenKind::Name) {
            statement.targets.push_back(m_reader.expectIdentifier());
            m_reader.expectOperator("=");
            statement.conditions.push_back(m_expressions.parse());
            if (!m_reader.takeOperator(","))
                break;
        }
        statement.blocks.push_back(parseBody("endwith"));
        return statement;
    }

    Statement parseFilterBlock() {
        Statement statement = make(Kind::Filter);
        statement.expression = m_expressions.parseFilters(nullptr);
        statement.blocks.push_back(parseBody("endfilter"));
        return statement;
    }

    TokenReader m_reader;
    ExpressionParser m_expressions;
    int m_loops = 0;
};

} // namespace

Block parseTemplate(std::string_view source) {
    return StatementParser(source).parseAll();
}

} // namespace lorikeet::jinja
