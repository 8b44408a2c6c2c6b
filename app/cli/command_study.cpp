// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/blocksize_words.h"
#include "app/cli/named_input.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/jobs/perplexity_study.h"
#include "core/model/blocksizes.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {
namespace {

struct StudyOptions {
    PerplexityStudyRequest request;
    std::string text;
    std::vector<std::string> types = {"none", "nf4", "fp4", "int4", "int8"}, blocksizes = {"64"};
    bool noDoubleQuant = false;
    std::string computeType;
};

bool isQuantized(const PerplexityCase& one) {
    return one.spec.type != QuantType::None;
}

nlohmann::ordered_json blocksizeJson(int blocksize) {
    return blocksize == kChosenBlocksize ? nlohmann::ordered_json("auto") : nlohmann::ordered_json(blocksize);
}

std::string blocksizeWord(int blocksize) {
    return blocksize == kChosenBlocksize ? "auto" : std::to_string(blocksize);
}

nlohmann::ordered_json caseJson(const PerplexityCase& one) {
    nlohmann::ordered_json object = {{"type", quantTypeName(one.spec.type)}};
    object["blocksize"] = isQuantized(one) ? blocksizeJson(one.spec.blocksize) : nullptr;
    object["double_quant"] = one.spec.doubleQuant;
    object["bits_per_parameter"] = one.bitsPerParameter;
    object["relative_error"] = one.relativeError ? finiteOrNull(*one.relativeError) : nullptr;
    object["mean_nll"] = finiteOrNull(one.meanNll);
    object["perplexity"] = finiteOrNull(one.perplexity);
    return object;
}

void printText(const PerplexityStudy& study) {
    std::vector<std::vector<std::string>> table{{"TYPE", "BLOCKSIZE", "BITS", "WEIGHT ERROR", "PERPLEXITY"}};
    for (const PerplexityCase& one : study.cases)
        table.push_back({std::string(quantTypeName(one.spec.type)),
                         isQuantized(one) ? blocksizeWord(one.spec.blocksize) : "-",
                         fmt::format("{:.3f}", one.bitsPerParameter),
                         one.relativeError ? fmt::format("{:.3f} %", 100.0 * *one.relativeError) : "-",
                         fmt::format("{:.3f}", one.perplexity)});
    printTable(table);
    printLine(fmt::format("\n{} tokens, {} at once", countText(study.tokens), countText(study.window)));
}

int study(Session& session, const StudyOptions& options) {
    PerplexityStudyRequest request = options.request;
    request.types.clear();
    for (const std::string& type : options.types)
        request.types.push_back(quantTypeFromName(type));
    request.blocksizes.clear();
    for (const std::string& word : options.blocksizes)
        request.blocksizes.push_back(blocksizeFromWord(word).value_or(kChosenBlocksize));
    request.doubleQuant = !options.noDoubleQuant;
    if (!options.computeType.empty())
        request.computeType = computeTypeFromName(options.computeType);
    request.text = options.text.empty() ? starterText() : readNamedInput(options.text, session.stop());
    ProgressLine line("Measuring", session.options.json);
    const auto progress = [&](const PerplexityProgress& now) {
        line.update((double(now.finished) + now.fraction) / double(now.cases),
                    fmt::format("{} of {}", std::min(now.finished + 1, now.cases), now.cases));
    };
    const PerplexityStudy result = studyPerplexity(session.workshop(), request, progress, session.stop());
    line.finish();
    if (!session.options.json) {
        printText(result);
        return kDone;
    }
    nlohmann::ordered_json cases = nlohmann::ordered_json::array();
    for (const PerplexityCase& one : result.cases)
        cases.push_back(caseJson(one));
    printJsonLine({{"tokens", result.tokens}, {"window", result.window}, {"cases", cases}});
    return kDone;
}

} // namespace

void addStudy(CLI::App& app, Session& session) {
    auto options = std::make_shared<StudyOptions>();
    CLI::App* command =
        addCommand(app, "study", "Perplexity of a text by data type and blocksize",
                   "lorikeet-cli study model.gguf --text story.txt --types none nf4 fp4 --blocksizes 64 256");
    command->add_option("model", options->request.model, "A folder, a .gguf file, or a name of `models list`")
        ->required();
    command->add_option("--text", options->text,
                        "A text file; without it, the starter dataset's questions and answers");
    command->add_option("--types", options->types, "nf4, fp4, int4, int8, none")->capture_default_str();
    command
        ->add_option("--blocksizes", options->blocksizes,
                     "Weights that share a scale: 32 to 4096; auto: the best for each layer in the bits of 64")
        ->capture_default_str();
    command->add_flag("--no-double-quant", options->noDoubleQuant, "Keep the scales in float32");
    command->add_option("--compute-dtype", options->computeType, "float32 or bfloat16");
    command->add_option("--window", options->request.window, "Tokens seen at once")
        ->check(CLI::Range(2, 1 << 24))
        ->capture_default_str();
    command->add_option("--max-tokens", options->request.mostTokens, "Tokens of the text to score; 0: all")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->callback(
        [&session, options] { session.command = [&session, options] { return study(session, *options); }; });
}

} // namespace lorikeet::cli
