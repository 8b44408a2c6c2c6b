// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/backend/backend.h"

namespace lorikeet {

/// A backend that the conformance suite runs on.
struct BackendCase {
    std::string name; ///< letters, digits and underscores
    std::function<std::unique_ptr<Backend>()> make;
};

inline void PrintTo(const BackendCase& backend, std::ostream* stream) {
    *stream << backend.name;
}

/// Every backend that this machine has.
std::vector<BackendCase> backendCases();

} // namespace lorikeet
