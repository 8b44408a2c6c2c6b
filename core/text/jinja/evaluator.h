// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/wall_time.h"
#include "core/text/jinja/limits.h"
#include "core/text/jinja/syntax.h"
#include "core/text/jinja/value.h"

namespace lorikeet::jinja {

/// Names of one block, loop pass or macro call.
struct Scope {
    std::shared_ptr<Scope> parent;
    std::vector<std::pair<std::string, Value>> names;

    void set(const std::string& name, Value value);
    const Value* find(const std::string& name) const;
};

/// Runs a parsed template once. The template must outlive it.
class Evaluator {
public:
    /// `moment` is the time that the template is told.
    Evaluator(Limits& limits, std::vector<std::pair<std::string, Value>> variables, WallTime moment);
    ~Evaluator();
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;

    /// What the template prints. Throws BadFile naming line and fault, NotBuilt, or BadConfig where it raises.
    std::string run(const Block& block);

private:
    class Macro;
    class Global;
    struct LoopPass;
    enum class Flow { Next, Break, Continue };

    /// Another scope in front of the current one, for as long as it lives.
    class Inner {
    public:
        Inner(Evaluator& evaluator, std::shared_ptr<Scope> parent);
        ~Inner() { m_evaluator.m_scope = std::move(m_outer); }
        Inner(const Inner&) = delete;
        Inner& operator=(const Inner&) = delete;

    private:
        Evaluator& m_evaluator;
        std::shared_ptr<Scope> m_outer;
    };

    Flow runBlock(const Block& block, std::string& output);
    Flow runStatement(const Statement& statement, std::string& output);
    Flow runIf(const Statement& statement, std::string& output);
    Flow runFor(const Statement& statement, std::string& output);
    Flow runPass(const Statement& statement, const std::vector<Value>& items, std::size_t index, std::string& output);
    Flow runScope(const Statement& statement, std::string& output);
    void runSet(const Statement& statement);
    void runSetBlock(const Statement& statement);
    void runCall(const Statement& statement, std::string& output);
    void assign(const std::vector<std::string>& targets, const Value& value);
    std::string printed(const Block& block);
    void print(std::string_view text, std::string& output);
    Value makeMacro(const Statement& statement);
    Value loopValue(const std::vector<Value>& items, std::size_t index);
    Value makeNamespace();

    Value evaluate(const Expression& node);
    Value evaluateName(const Expression& node);
    Value evaluateDict(const Expression& node);
    Value evaluateSlice(const Expression& node);
    Value evaluateCompare(const Expression& node);
    Value evaluateFilter(const Expression& node, const Value* input);
    Value call(const Expression& node, const Value* caller);
    std::vector<Value> evaluateParts(const Expression& node, std::size_t first);
    Function::Arguments evaluateArguments(const Expression& node);

    Limits& m_limits;
    std::shared_ptr<Scope> m_scope;
    /// What may point at itself in a circle: emptied at the end.
    std::vector<std::shared_ptr<Scope>> m_captured;
    std::vector<std::shared_ptr<Mapping>> m_namespaces;
};

} // namespace lorikeet::jinja
