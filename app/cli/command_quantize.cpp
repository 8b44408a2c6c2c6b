// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/blocksize_words.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/jobs/quantize_job.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {
namespace {

struct QuantizeOptions {
    std::string model;
    std::string out;
    std::string type = "nf4";
    std::string blocksize = "64";
    std::optional<double> bits;
    bool doubleQuant = false;
};

void printJson(const QuantizeResult& result) {
    nlohmann::ordered_json errors;
    for (const QuantizationError& error : result.errors)
        errors[std::string(quantTypeName(error.type))] = {{"rmse", finiteOrNull(error.rootMeanSquare)},
                                                          {"mean_absolute", finiteOrNull(error.meanAbsolute)}};
    nlohmann::ordered_json line = {{"path", result.path.string()},
                                   {"type", quantTypeName(result.spec.type)},
                                   {"blocksize", result.spec.blocksize},
                                   {"double_quant", result.spec.doubleQuant},
                                   {"bytes", result.bytes},
                                   {"error", errors}};
    if (result.chosen) {
        line["blocksize"] = "auto";
        line["auto"] = chosenJson(*result.chosen);
    }
    printJsonLine(line);
}

void printText(const QuantizeResult& result) {
    const std::string blocks =
        result.chosen ? fmt::format("chosen sizes ({:.4f} bits per parameter)", result.chosen->cost.bitsPerParameter)
                      : std::to_string(result.spec.blocksize);
    printLine(fmt::format("{}: {} weights as {} in blocks of {}{}, {}", result.path.string(), countText(result.weights),
                          quantTypeName(result.spec.type), blocks,
                          result.spec.doubleQuant ? " with double quantization" : "", fileSizeText(result.bytes)));
    printLine("");
    std::vector<std::vector<std::string>> table{{"TYPE", "RMS ERROR", "MEAN ABSOLUTE ERROR"}};
    for (const QuantizationError& error : result.errors)
        table.push_back({std::string(quantTypeName(error.type)), fmt::format("{:.3e}", error.rootMeanSquare),
                         fmt::format("{:.3e}", error.meanAbsolute)});
    printTable(table);
    if (result.chosen) {
        printLine("");
        printChosen(*result.chosen);
    }
}

int quantize(Session& session, const QuantizeOptions& options) {
    QuantizeRequest request;
    request.model = session.modelPath(options.model);
    request.out = options.out;
    const std::optional<int> blocksize = blocksizeFromWord(options.blocksize);
    request.spec = {quantTypeFromName(options.type), blocksize.value_or(QuantizationSpec().blocksize),
                    options.doubleQuant};
    request.choosesBlocksizes = !blocksize;
    request.bits = options.bits;
    if (blocksize && options.bits)
        fail(ErrorCode::BadConfig, "--bits-per-parameter is for --blocksize auto; with {} there is nothing to choose",
             *blocksize);
    request.threads = session.options.threads;
    ProgressLine line("Quantizing", session.options.json);
    const QuantizeResult result = quantizeModel(
        request, [&](double fraction) { line.update(fraction); }, session.stop());
    line.finish();
    if (session.options.json)
        printJson(result);
    else
        printText(result);
    if (!result.hasTokenizer)
        fmt::print(stderr,
                   "lorikeet-cli: no tokenizer was written, since {} holds none that tokenizer.json could say: copy "
                   "tokenizer.json (or tokenizer.model) and tokenizer_config.json of the original model into {}\n",
                   request.model.string(), result.path.string());
    return kDone;
}

} // namespace

void addQuantize(CLI::App& app, Session& session) {
    auto options = std::make_shared<QuantizeOptions>();
    CLI::App* command =
        addCommand(app, "quantize", "Write a model as a bitsandbytes 4-bit checkpoint folder",
                   "lorikeet-cli quantize model.gguf model-nf4 --type nf4 --blocksize 64 --double-quant");
    command->add_option("model", options->model, "A folder, a .gguf file, or a name of `models list`")->required();
    command->add_option("out", options->out, "The folder to write: absent or empty")->required();
    command->add_option("--type", options->type, "nf4 or fp4")->capture_default_str();
    command
        ->add_option("--blocksize", options->blocksize,
                     "Weights that share a scale: 32 to 4096, a power of two; or auto, the best for each layer")
        ->capture_default_str();
    command->add_option("--bits-per-parameter", options->bits,
                        "With --blocksize auto: what a weight may take on average, scales included; else as much as in "
                        "blocks of 64");
    command->add_flag("--double-quant", options->doubleQuant, "Quantize the scales, too");
    command->callback(
        [&session, options] { session.command = [&session, options] { return quantize(session, *options); }; });
}

} // namespace lorikeet::cli
