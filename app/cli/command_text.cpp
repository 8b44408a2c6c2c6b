// SPDX-License-Identifier: GPL-3.0-or-later
// tokenize and render: what a model's words become.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/cli/json_input.h"
#include "app/cli/line_input.h"
#include "app/cli/named_input.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/jobs/open_model.h"

namespace lorikeet::cli {
namespace {

struct TokenizeOptions {
    std::string model;
    bool noSpecial = false;
    bool plain = false;
    bool decode = false;
};

std::string readStandardInput(const std::stop_token& stop) {
    std::optional<std::string> input = LineInput().rest(stop);
    if (!input)
        fail(ErrorCode::Cancelled, "tokenize: stopped while waiting for standard input");
    return *input;
}

/// Text exactly as it is; a line's end is added for a person only.
void printExactly(const std::string& text) {
    fmt::print(stdout, "{}{}", text, isatty(STDOUT_FILENO) ? "\n" : "");
    std::fflush(stdout);
}

int tokenize(Session& session, const TokenizeOptions& options) {
    const std::unique_ptr<Tokenizer> tokenizer = loadTokenizer(session.modelPath(options.model));
    const std::string input = readStandardInput(session.stop());
    if (options.decode) {
        const std::string text = tokenizer->decode(parseTokenIds(input, "standard input"), true);
        if (session.options.json)
            printJsonLine({{"text", text}});
        else
            printExactly(text);
        return kDone;
    }
    const EncodeOptions encoding{.addSpecial = !options.noSpecial, .parseSpecial = !options.plain};
    printJsonLine(nlohmann::ordered_json(tokenizer->encode(input, encoding)));
    return kDone;
}

struct RenderOptions {
    std::string model;
    std::string messages;
    bool generationPrompt = false;
};

int render(Session& session, const RenderOptions& options) {
    const std::string content = readNamedInput(options.messages, session.stop());
    const std::vector<ChatMessage> messages = parseMessages(content, options.messages);
    const ModelText text = openText(session.modelPath(options.model));
    if (!text.chatTemplate)
        fail(ErrorCode::NotFound, "{} has no chat template", options.model);
    session.requireGoing("render");
    const std::string rendered = text.chatTemplate->render(messages, options.generationPrompt);
    session.requireGoing("render");
    if (session.options.json)
        printJsonLine({{"text", rendered}});
    else
        printExactly(rendered);
    return kDone;
}

} // namespace

void addText(CLI::App& app, Session& session) {
    auto tokenizing = std::make_shared<TokenizeOptions>();
    CLI::App* command = addCommand(app, "tokenize", "Text on standard input to token ids, and back",
                                   "echo 'Hello world' | lorikeet-cli tokenize model.gguf");
    command->add_option("model", tokenizing->model, "A folder, a .gguf file, or a name of `models list`")->required();
    command->add_flag("--no-special", tokenizing->noSpecial, "Add no begin or end token");
    command->add_flag("--plain", tokenizing->plain, "Take special tokens written in the text as text");
    command->add_flag("--decode", tokenizing->decode, "A JSON array of ids on standard input to text");
    command->callback([&session, tokenizing] {
        session.command = [&session, tokenizing] { return tokenize(session, *tokenizing); };
    });

    auto rendering = std::make_shared<RenderOptions>();
    command = addCommand(app, "render", "Apply the model's chat template to messages",
                         "lorikeet-cli render model.gguf messages.json --generation-prompt");
    command->add_option("model", rendering->model, "A folder, a .gguf file, or a name of `models list`")->required();
    command->add_option("messages", rendering->messages, "JSON: [{\"role\": .., \"content\": ..}, ..]")->required();
    command->add_flag("--generation-prompt", rendering->generationPrompt, "Open the assistant's turn at the end");
    command->callback(
        [&session, rendering] { session.command = [&session, rendering] { return render(session, *rendering); }; });
}

} // namespace lorikeet::cli
