// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/train/checkpoint.h"
#include "core/train/checkpoint_manifest.h"
#include "tests/core/train/training_fixture.h"

namespace lorikeet {

/// Saves after each step, and keeps all.
inline RunConfig savingConfig(int64_t steps) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = steps;
    config.every.save = 1;
    config.training.saveTotalLimit.reset();
    return config;
}

/// Tiny runs in one folder.
class CheckpointTest : public testing::Test {
protected:
    ~CheckpointTest() override { setFileFaultHook({}); }

    TinyRun makeRun(const RunConfig& config) { return TinyRun(m_backend, config); }
    std::filesystem::path step(int64_t step) const {
        return m_folder / "checkpoints" / ("step-" + std::to_string(step));
    }
    /// Two checkpoints, of steps 1 and 2.
    void makeTwo() { makeRun(savingConfig(3)).train(m_folder.path()); }
    /// The step after which a run goes on in the folder.
    int64_t resumedStep() {
        TinyRun run = makeRun(savingConfig(3));
        run.resumes = true;
        run.train(m_folder.path());
        m_warnings = run.warnings;
        return run.steps().at(0).step - 1;
    }
    /// Of what lies in the folder now.
    void writeManifestAnew(int64_t number) {
        std::filesystem::remove(step(number) / kManifestFile);
        writeManifest(step(number), number);
    }

    TemporaryFolder m_folder;
    CpuBackend m_backend{1};
    std::vector<std::string> m_warnings;
};

} // namespace lorikeet
