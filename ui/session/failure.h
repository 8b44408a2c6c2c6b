// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "core/base/error.h"

namespace lorikeet::ui {

/// What went wrong, as a value that crosses threads.
struct Failure {
    ErrorCode code = ErrorCode::Io;
    QString message;

    bool isCancelled() const { return code == ErrorCode::Cancelled; }
};

/// The exception that is being handled.
Failure currentFailure();

} // namespace lorikeet::ui
