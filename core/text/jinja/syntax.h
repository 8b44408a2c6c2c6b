// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/text/jinja/value.h"

namespace lorikeet::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

/// A node of an expression. What `text` and `parts` are, per kind.
struct Expression {
    enum class Kind {
        Constant,    ///< value
        Name,        ///< text
        List,        ///< parts
        Tuple,       ///< parts
        Dict,        ///< parts: key, value, key, value, ...
        Attribute,   ///< parts[0] . text
        Item,        ///< parts[0] [ parts[1] ]
        Slice,       ///< parts[0] [ parts[1] : parts[2] : parts[3] ], null where left out
        Call,        ///< parts[0] ( parts[1..], named )
        Filter,      ///< parts[0] | text ( parts[1..], named ); parts[0] null in a filter block
        Test,        ///< parts[0] is text ( parts[1..] )
        Not,         ///< parts[0]
        And,         ///< parts[0], parts[1]
        Or,          ///< parts[0], parts[1]
        Unary,       ///< text parts[0]
        Binary,      ///< parts[0] text parts[1]
        Compare,     ///< parts[0] operators[0] parts[1] operators[1] parts[2] ...
        Conditional, ///< parts[0] if parts[1] else parts[2], null where left out
    };

    Kind kind;
    int line = 1;
    int depth = 1; ///< levels of nodes from here down
    std::string text;
    Value value;
    std::vector<ExpressionPtr> parts;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    std::vector<std::string> operators;
};

struct Statement;
using Block = std::vector<std::unique_ptr<const Statement>>;

struct Parameter {
    std::string name;
    ExpressionPtr standard; ///< null where it has none
};

/// A node between expressions. What the fields are, per kind.
struct Statement {
    enum class Kind {
        Text,     ///< text
        Print,    ///< expression
        If,       ///< conditions[i] guards blocks[i]; one block more is the else
        For,      ///< targets in expression if condition (or null): blocks[0] else blocks[1]
        Set,      ///< targets = expression; or targets[0].text = expression
        SetBlock, ///< targets[0] = what blocks[0] prints, through expression where that is a filter
        Macro,    ///< text ( parameters ): blocks[0]
        Call,     ///< expression, with blocks[0] as caller ( parameters )
        Scope,    ///< targets[i] = conditions[i] within blocks[0] (with, generation)
        Filter,   ///< what blocks[0] prints, through expression
        Break,
        Continue,
    };

    Kind kind;
    int line = 1;
    std::string text;
    ExpressionPtr expression, condition;
    std::vector<std::string> targets;
    std::vector<ExpressionPtr> conditions;
    std::vector<Block> blocks;
    std::vector<Parameter> parameters;
};

} // namespace lorikeet::jinja
