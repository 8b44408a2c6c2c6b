// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>

#include "app/cli/model_options.h"
#include "app/cli/session.h"
#include "app/cli/train_display.h"
#include "core/base/error.h"
#include "core/jobs/train_job.h"

namespace lorikeet::cli {
namespace {

struct TrainOptions {
    std::string file;
    std::string resume;
    std::vector<std::string> overrides;
};

int train(Session& session, const TrainOptions& options) {
    if (!options.resume.empty())
        fail(ErrorCode::NotBuilt, "--resume is not built yet: start the run again from its file");
    if (options.file.empty())
        fail(ErrorCode::BadConfig, "train: name a run file (see `lorikeet-cli train --help`)");
    const RunConfig config = session.runConfig(options.file, options.overrides);
    TrainDisplay display(session.options.json);
    return exitCodeOf(
        trainRun(session.workshop(), config, display.observer(), stageProgress(session.options.json), session.stop()));
}

} // namespace

void addTrain(CLI::App& app, Session& session) {
    auto options = std::make_shared<TrainOptions>();
    CLI::App* command = addCommand(app, "train", "Train as a run file says, with progress, time left and loss",
                                   "lorikeet-cli train run.json --set training.max_steps=50");
    command->add_option("run", options->file, "The run's file, JSON");
    command->add_option("--set", options->overrides, "Change a key of the file: KEY.KEY=VALUE (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_option("--resume", options->resume, "Go on with a run of this id");
    command->callback(
        [&session, options] { session.command = [&session, options] { return train(session, *options); }; });
}

} // namespace lorikeet::cli
