// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/evaluator.h"

#include <algorithm>

#include "core/text/jinja/functions.h"
#include "core/text/jinja/operations.h"

namespace lorikeet::jinja {

using Kind = Statement::Kind;

void Scope::set(const std::string& name, Value value) {
    for (auto& [known, old] : names) {
        if (known == name) {
            old = std::move(value);
            return;
        }
    }
    names.emplace_back(name, std::move(value));
}

const Value* Scope::find(const std::string& name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->parent.get())
        for (const auto& [known, value] : scope->names)
            if (known == name)
                return &value;
    return nullptr;
}

/// A macro with the scope that it was written in.
class Evaluator::Macro : public Function {
public:
    Macro(Evaluator& evaluator, const Statement& statement, std::shared_ptr<Scope> scope)
        : m_evaluator(evaluator), m_statement(statement), m_scope(std::move(scope)) {}

    Value call(const Arguments& arguments, Limits& limits) const override {
        const Limits::Level level(limits);
        const Inner inner(m_evaluator, m_scope);
        const auto& parameters = m_statement.parameters;
        if (arguments.positional.size() > parameters.size())
            limits.fault("macro '{}' takes {} arguments, {} given", m_statement.text, parameters.size(),
                         arguments.positional.size());
        for (const auto& [name, value] : arguments.named) {
            if (name == "caller")
                m_evaluator.m_scope->set(name, value);
            else if (std::none_of(parameters.begin(), parameters.end(),
                                  [&known = name](const auto& p) { return p.name == known; }))
                limits.fault("macro '{}' has no parameter '{}'", m_statement.text, name);
        }
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const Value* given = arguments.find(i, parameters[i].name);
            m_evaluator.m_scope->set(parameters[i].name, given != nullptr ? *given : standardOf(parameters[i]));
        }
        return Value::string(m_evaluator.printed(m_statement.blocks[0]));
    }

private:
    Value standardOf(const Parameter& parameter) const {
        return parameter.standard ? m_evaluator.evaluate(*parameter.standard)
                                  : Value::undefined(fmt::format("parameter '{}' was not provided", parameter.name));
    }

    Evaluator& m_evaluator;
    const Statement& m_statement;
    std::shared_ptr<Scope> m_scope;
};

/// A loop's value, emptied after its pass: kept longer, the neighbours in each of them would form chains without end,
/// which no stack can destroy.
struct Evaluator::LoopPass {
    explicit LoopPass(Value loop) : value(std::move(loop)) {}
    ~LoopPass() { value.entries().entries.clear(); }
    LoopPass(const LoopPass&) = delete;
    LoopPass& operator=(const LoopPass&) = delete;

    Value value;
};

Evaluator::Inner::Inner(Evaluator& evaluator, std::shared_ptr<Scope> parent)
    : m_evaluator(evaluator), m_outer(evaluator.m_scope) {
    evaluator.m_scope = std::make_shared<Scope>(Scope{std::move(parent), {}});
}

Evaluator::Evaluator(Limits& limits, std::vector<std::pair<std::string, Value>> variables, WallTime moment)
    : m_limits(limits), m_scope(std::make_shared<Scope>()) {
    m_scope->names = std::move(variables);
    for (auto& [name, value] : globalFunctions(moment))
        m_scope->set(name, std::move(value));
    m_scope->set("namespace", makeFunction([this](const Function::Arguments& arguments, Limits& inner) {
                     Value result = makeNamespace();
                     fillMapping(result.entries(), arguments, inner);
                     return result;
                 }));
    m_scope = std::make_shared<Scope>(Scope{m_scope, {}});
    m_captured.push_back(m_scope);
}

Evaluator::~Evaluator() {
    for (const auto& mapping : m_namespaces)
        mapping->entries.clear();
    for (const auto& scope : m_captured)
        scope->names.clear();
}

std::string Evaluator::run(const Block& block) {
    std::string output;
    runBlock(block, output);
    return output;
}

Evaluator::Flow Evaluator::runBlock(const Block& block, std::string& output) {
    const Limits::Level level(m_limits);
    for (const auto& statement : block)
        if (const Flow flow = runStatement(*statement, output); flow != Flow::Next)
            return flow;
    return Flow::Next;
}

Evaluator::Flow Evaluator::runStatement(const Statement& statement, std::string& output) {
    m_limits.line = statement.line;
    m_limits.spend();
    switch (statement.kind) {
    case Kind::Text:
        print(statement.text, output);
        break;
    case Kind::Print:
        print(toText(evaluate(*statement.expression), m_limits), output);
        break;
    case Kind::If:
        return runIf(statement, output);
    case Kind::For:
        return runFor(statement, output);
    case Kind::Set:
        runSet(statement);
        break;
    case Kind::SetBlock:
        runSetBlock(statement);
        break;
    case Kind::Macro:
        m_scope->set(statement.text, makeMacro(statement));
        break;
    case Kind::Call:
        runCall(statement, output);
        break;
    case Kind::Scope:
        return runScope(statement, output);
    case Kind::Filter: {
        const Value text = Value::string(printed(statement.blocks[0]));
        print(toText(evaluateFilter(*statement.expression, &text), m_limits), output);
        break;
    }
    case Kind::Break:
        return Flow::Break;
    case Kind::Continue:
        return Flow::Continue;
    }
    return Flow::Next;
}

Evaluator::Flow Evaluator::runIf(const Statement& statement, std::string& output) {
    for (std::size_t i = 0; i < statement.conditions.size(); ++i)
        if (truthy(evaluate(*statement.conditions[i])))
            return runBlock(statement.blocks[i], output);
    const bool hasElse = statement.blocks.size() > statement.conditions.size();
    return hasElse ? runBlock(statement.blocks.back(), output) : Flow::Next;
}

Evaluator::Flow Evaluator::runFor(const Statement& statement, std::string& output) {
    std::vector<Value> items = iterate(evaluate(*statement.expression), m_limits);
    if (statement.condition) {
        std::vector<Value> kept;
        for (Value& item : items) {
            const Inner inner(*this, m_scope);
            assign(statement.targets, item);
            if (truthy(evaluate(*statement.condition)))
                kept.push_back(std::move(item));
        }
        items = std::move(kept);
    }
    for (std::size_t index = 0; index < items.size(); ++index)
        if (runPass(statement, items, index, output) == Flow::Break)
            break;
    if (!items.empty() || statement.blocks.size() < 2)
        return Flow::Next;
    const Inner inner(*this, m_scope);
    return runBlock(statement.blocks[1], output);
}

Evaluator::Flow Evaluator::runPass(const Statement& statement, const std::vector<Value>& items, std::size_t index,
                                   std::string& output) {
    // What a pass sets up costs as much as so many steps.
    m_limits.spend(16);
    const Inner inner(*this, m_scope);
    const LoopPass loop(loopValue(items, index));
    m_scope->set("loop", loop.value);
    assign(statement.targets, items[index]);
    return runBlock(statement.blocks[0], output);
}

Value Evaluator::loopValue(const std::vector<Value>& items, std::size_t index) {
    const auto count = static_cast<int64_t>(items.size()), place = static_cast<int64_t>(index);
    auto loop = std::make_shared<Mapping>();
    const auto add = [&](const char* name, Value value) {
        loop->entries.emplace_back(Value::string(name), std::move(value));
    };
    add("first", Value::boolean(index == 0));
    add("last", Value::boolean(place + 1 == count));
    add("index", Value::integer(place + 1));
    add("index0", Value::integer(place));
    add("revindex", Value::integer(count - place));
    add("revindex0", Value::integer(count - place - 1));
    add("length", Value::integer(count));
    add("previtem", index > 0 ? items[index - 1] : Value::undefined("there is no previous item"));
    add("nextitem", place + 1 < count ? items[index + 1] : Value::undefined("there is no next item"));
    add("cycle", makeFunction([place](const Function::Arguments& arguments, Limits& limits) {
            if (arguments.positional.empty())
                limits.fault("no items for cycling given");
            return arguments.positional[static_cast<std::size_t>(place) % arguments.positional.size()];
        }));
    return Value::nameSpace(std::move(loop));
}

Evaluator::Flow Evaluator::runScope(const Statement& statement, std::string& output) {
    std::vector<Value> values;
    for (const ExpressionPtr& expression : statement.conditions)
        values.push_back(evaluate(*expression));
    const Inner inner(*this, m_scope);
    for (std::size_t i = 0; i < values.size(); ++i)
        m_scope->set(statement.targets[i], std::move(values[i]));
    return runBlock(statement.blocks[0], output);
}

void Evaluator::runSet(const Statement& statement) {
    const Value value = evaluate(*statement.expression);
    if (statement.text.empty())
        return assign(statement.targets, value);
    const Value* object = m_scope->find(statement.targets[0]);
    if (object == nullptr || !object->is(Type::Namespace))
        m_limits.fault("cannot assign to an attribute of '{}', which is no namespace", statement.targets[0]);
    object->entries().set(Value::string(statement.text), value, m_limits);
}

void Evaluator::runSetBlock(const Statement& statement) {
    Value value = Value::string(printed(statement.blocks[0]));
    if (statement.expression)
        value = evaluateFilter(*statement.expression, &value);
    m_scope->set(statement.targets[0], std::move(value));
}

void Evaluator::runCall(const Statement& statement, std::string& output) {
    const Value caller = makeMacro(statement);
    print(toText(call(*statement.expression, &caller), m_limits), output);
}

void Evaluator::assign(const std::vector<std::string>& targets, const Value& value) {
    if (targets.size() == 1)
        return m_scope->set(targets[0], value);
    const std::vector<Value> parts = iterate(value, m_limits);
    if (parts.size() != targets.size())
        m_limits.fault("{} values for {} names", parts.size(), targets.size());
    for (std::size_t i = 0; i < targets.size(); ++i)
        m_scope->set(targets[i], parts[i]);
}

std::string Evaluator::printed(const Block& block) {
    const Inner inner(*this, m_scope);
    std::string output;
    runBlock(block, output);
    return output;
}

void Evaluator::print(std::string_view text, std::string& output) {
    m_limits.allocate(text.size());
    if (output.size() + text.size() > Limits::kOutputBytes)
        m_limits.fault("prints more than {} bytes", Limits::kOutputBytes);
    output += text;
}

Value Evaluator::makeMacro(const Statement& statement) {
    m_limits.allocate(sizeof(Macro));
    m_captured.push_back(m_scope);
    return Value::function(std::make_shared<const Macro>(*this, statement, m_scope));
}

Value Evaluator::makeNamespace() {
    m_limits.allocate(sizeof(Mapping));
    m_namespaces.push_back(std::make_shared<Mapping>());
    return Value::nameSpace(m_namespaces.back());
}

} // namespace lorikeet::jinja
