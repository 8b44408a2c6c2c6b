// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/wall_time.h"
#include "core/text/jinja/value.h"

namespace lorikeet::jinja {

Value makeFunction(std::function<Value(const Function::Arguments&, Limits&)> body);

/// range, dict, raise_exception and strftime_now, as transformers gives them to templates; it is `moment`.
std::vector<std::pair<std::string, Value>> globalFunctions(WallTime moment);

/// As Python's dict(...): entries of a dict argument, then the named ones.
void fillMapping(Mapping& mapping, const Function::Arguments& arguments, Limits& limits);

} // namespace lorikeet::jinja
