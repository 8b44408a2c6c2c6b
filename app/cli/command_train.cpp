// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>

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
    std::optional<int64_t> checkpoint;
    std::vector<std::string> overrides;
};

EndEvent resume(Session& session, const TrainOptions& options, const RunObserver& observer) {
    if (!options.file.empty() || !options.overrides.empty())
        fail(ErrorCode::BadConfig,
             "train: a run that is resumed goes on as it began: leave out the run file and --set");
    if (session.options.kernels)
        fail(ErrorCode::BadConfig,
             "train: a run that is resumed goes on with the kernels that it began with: leave out --kernels");
    RunControl control(session.stop());
    return resumeRun(session.workshop(), options.resume, observer, stageProgress(session.options.json), control,
                     {.checkpoint = options.checkpoint, .lock = {}});
}

/// Tells how to go on with a run that can be resumed.
void tellHowToGoOn(const Session& session, const EndEvent& end) {
    if (session.options.json || (end.outcome != RunOutcome::Stopped && end.outcome != RunOutcome::Paused))
        return;
    fmt::print(stderr, "Go on with:  {}\n", session.commandLine({"train", "--resume", end.run}));
}

int train(Session& session, const TrainOptions& options) {
    TrainDisplay display(session.options.json);
    EndEvent end;
    if (!options.resume.empty()) {
        end = resume(session, options, display.observer());
    } else {
        if (options.file.empty())
            fail(ErrorCode::BadConfig,
                 "train: name a run file, or a run to --resume (see `lorikeet-cli train --help`)");
        if (options.checkpoint)
            fail(ErrorCode::BadConfig, "train: --checkpoint goes with --resume");
        const RunConfig config = session.runConfig(options.file, options.overrides);
        end = trainRun(session.workshop(), config, display.observer(), stageProgress(session.options.json),
                       session.stop());
    }
    tellHowToGoOn(session, end);
    return exitCodeOf(end);
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
    command->add_option("--resume", options->resume, "Go on with the run of this id, from its last checkpoint");
    command->add_option("--checkpoint", options->checkpoint,
                        "With --resume: the step of another checkpoint to go on from; 0 begins again");
    command->callback(
        [&session, options] { session.command = [&session, options] { return train(session, *options); }; });
}

} // namespace lorikeet::cli
