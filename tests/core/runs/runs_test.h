// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/runs/run_store.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

inline const NewRun kAnyRun{"gsm8k r16", "models/smol", "train.jsonl", "lora", "{\"name\":\"gsm8k r16\"}"};

/// A data folder of its own that does not exist yet.
class RunsTest : public testing::Test {
protected:
    template <typename Body>
    static ErrorCode codeOf(Body&& body) {
        try {
            body();
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "nothing was thrown";
        return ErrorCode::InvalidArgument;
    }

    TemporaryFolder m_temporary;
    DataFolder m_folder{m_temporary / "data"};
};

/// Starts `body` in another process, which ends with 0 where it returns true.
template <typename Body>
pid_t startProcess(Body&& body) {
    const pid_t child = fork();
    if (child != 0)
        return child;
    bool good = false;
    try {
        good = body();
    } catch (const std::exception& exception) {
        fprintf(stderr, "%s\n", exception.what());
    }
    _exit(good ? 0 : 1);
}

/// Whether a process of startProcess ended with 0.
inline bool endsWell(pid_t child) {
    int status = 1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace lorikeet
