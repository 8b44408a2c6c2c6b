// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace lorikeet {

/// The error that `action` throws; a failure of the test, and an empty error, where it throws none of ours.
template <typename Action>
Error errorOf(Action action) {
    try {
        action();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& other) {
        ADD_FAILURE() << "not one of ours: " << other.what();
    }
    return {ErrorCode::InvalidArgument, ""};
}

/// Expects an error of this code whose message holds `part`.
template <typename Action>
void expectError(ErrorCode code, const std::string& part, Action action) {
    const Error error = errorOf(action);
    EXPECT_EQ(errorCodeName(error.code()), errorCodeName(code)) << error.message();
    EXPECT_NE(error.message().find(part), std::string::npos) << error.message();
}

} // namespace lorikeet
