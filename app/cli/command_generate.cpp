// SPDX-License-Identifier: GPL-3.0-or-later
// generate and chat: words from a model.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/cli/event_json.h"
#include "app/cli/line_input.h"
#include "app/cli/model_options.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/generate/chat_session.h"
#include "core/jobs/generate_job.h"
#include "core/model/base_model.h"

namespace lorikeet::cli {
namespace {

struct GenerateOptions {
    ModelOptions model;
    GenerateRequest request;
};

struct ChatOptions {
    ModelOptions model;
    GenerateRequest request; ///< its prompt is not used
    std::string system;
};

/// Streams text to stdout as it comes.
TextCallback textPrinter(bool json) {
    return [json](std::string_view text) {
        if (json) {
            printJsonLine({{"event", "text"}, {"text", text}});
            return;
        }
        fmt::print(stdout, "{}", text);
        std::fflush(stdout);
    };
}

void printResult(const GenerationResult& result, bool json) {
    if (json) {
        printJsonLine(generateEndJson(result));
        return;
    }
    printLine("");
    if (stderrIsTerminal())
        fmt::print(stderr, "({} tokens, {:.0f} tokens/s; prompt {:.0f} tokens/s)\n", result.tokens.size(),
                   result.tokensPerSecond(), result.promptTokensPerSecond());
}

int generate(Session& session, const GenerateOptions& options) {
    requireInRange(options.request); // said before a large model is loaded
    OpenedModel model = options.model.open(session, defaultQuantization());
    const bool json = session.options.json;
    const GenerationResult result = generateText(model, options.request, textPrinter(json), session.stop());
    printResult(result, json);
    return result.stop == StopReason::Stopped ? kStopped : kDone;
}

/// Tokens that a conversation may have: a cache for all positions of a large model would not fit a small machine.
constexpr int64_t kLongestChat = 8192;

int chat(Session& session, const ChatOptions& options) {
    requireInRange(options.request);
    OpenedModel model = options.model.open(session, defaultQuantization());
    if (!model.text.chatTemplate)
        fail(ErrorCode::NotFound, "{} has no chat template: use `lorikeet-cli generate --raw`", options.model.model);
    const bool json = session.options.json;
    const bool isTerminal = isatty(STDIN_FILENO) != 0 && !json;
    const Speaker speaker{*model.base, model.adapterOrNull(), *model.text.tokenizer};
    ChatSession conversation(*model.context, speaker, *model.text.chatTemplate,
                             std::min(kLongestChat, model.base->config().maxPositions));
    std::vector<ChatMessage> beginning;
    if (!options.system.empty())
        beginning.push_back({"system", options.system});
    conversation.setMessages(beginning);
    const GenerationOptions generation{.maxNewTokens = int(options.request.maxNewTokens),
                                       .sampling = {.temperature = float(options.request.temperature),
                                                    .topP = float(options.request.topP),
                                                    .seed = options.request.seed},
                                       .endTokens = {}};
    if (isTerminal)
        fmt::print(stderr, "Write to {}. /new begins anew, /quit or Ctrl+D ends.\n", options.model.model);
    LineInput lines;
    for (;;) {
        if (isTerminal)
            fmt::print(stderr, "\n> ");
        const std::optional<std::string> line = lines.next(session.stop());
        if (!line || *line == "/quit")
            break;
        if (*line == "/new")
            conversation.setMessages(beginning);
        else if (!line->empty())
            printResult(conversation.send(*model.context, *line, generation, textPrinter(json), session.stop()), json);
    }
    return session.stop().stop_requested() ? kStopped : kDone;
}

void addSampling(CLI::App& command, GenerateRequest& request) {
    command.add_option("--max-new-tokens", request.maxNewTokens, "At most so many tokens")
        ->check(CLI::Range(int64_t(1), int64_t(1) << 20))
        ->capture_default_str();
    command.add_option("--temperature", request.temperature, "0 takes the most probable token; higher is bolder")
        ->capture_default_str();
    command.add_option("--top-p", request.topP, "Only among the tokens that hold this much probability together")
        ->capture_default_str();
    command.add_option("--seed", request.seed, "The same seed gives the same text")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
}

} // namespace

void addGenerate(CLI::App& app, Session& session) {
    auto generating = std::make_shared<GenerateOptions>();
    CLI::App* command = addCommand(app, "generate", "Continue a prompt, streamed",
                                   "lorikeet-cli generate model.gguf --adapter DIR --prompt 'Why is the sky blue?'");
    generating->model.addTo(*command);
    command->add_option("--prompt", generating->request.prompt, "What to answer")->required();
    command->add_flag("--raw", generating->request.isRaw, "Continue the text itself, without the chat template");
    addSampling(*command, generating->request);
    command->callback([&session, generating] {
        session.command = [&session, generating] { return generate(session, *generating); };
    });

    auto chatting = std::make_shared<ChatOptions>();
    command = addCommand(app, "chat", "A conversation in the terminal, streamed",
                         "lorikeet-cli chat model.gguf --adapter DIR --temperature 0.7");
    chatting->model.addTo(*command);
    command->add_option("--system", chatting->system, "What the model is told before the conversation");
    addSampling(*command, chatting->request);
    command->callback(
        [&session, chatting] { session.command = [&session, chatting] { return chat(session, *chatting); }; });
}

} // namespace lorikeet::cli
