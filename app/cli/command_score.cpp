// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/json_input.h"
#include "app/cli/model_options.h"
#include "app/cli/named_input.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/jobs/score_job.h"

namespace lorikeet::cli {
namespace {

struct ScoreOptions {
    ModelOptions model;
    std::string tokens;
    std::string text;
};

int score(Session& session, const ScoreOptions& options) {
    if (options.tokens.empty() == options.text.empty())
        fail(ErrorCode::BadConfig, "score: give either --tokens IDS.json or --text FILE");
    // Read first: a wrong file is said before a large model is loaded.
    const std::string content = readNamedInput(options.tokens.empty() ? options.text : options.tokens, session.stop());
    std::vector<TokenId> ids;
    if (!options.tokens.empty())
        ids = parseTokenIds(content, options.tokens);
    OpenedModel model = options.model.open(session, std::nullopt);
    if (!options.text.empty())
        ids = model.text.tokenizer->encode(content);
    const ScoreResult result = scoreTokens(model, ids, session.stop());
    if (session.options.json) {
        nlohmann::ordered_json probabilities = nlohmann::ordered_json::array();
        for (const double value : result.logProbabilities)
            probabilities.push_back(finiteOrNull(value));
        printJsonLine({{"tokens", result.tokens},
                       {"log_probabilities", probabilities},
                       {"mean_nll", finiteOrNull(result.meanNll)},
                       {"perplexity", finiteOrNull(result.perplexity)}});
    } else {
        printLine(fmt::format("{} tokens, mean negative log-likelihood {:.4f}, perplexity {:.3f}",
                              countText(result.tokens), result.meanNll, result.perplexity));
    }
    return kDone;
}

} // namespace

void addScore(CLI::App& app, Session& session) {
    auto options = std::make_shared<ScoreOptions>();
    CLI::App* command = addCommand(app, "score", "How probable the model finds a text",
                                   "lorikeet-cli score model.gguf --text story.txt --json");
    options->model.addTo(*command);
    command->add_option("--tokens", options->tokens, "A JSON array of token ids");
    command->add_option("--text", options->text, "A text file");
    command->callback(
        [&session, options] { session.command = [&session, options] { return score(session, *options); }; });
}

} // namespace lorikeet::cli
