// SPDX-License-Identifier: GPL-3.0-or-later
// models list, add, inspect, remove: the library.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/blocksize_words.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/jobs/blocksize_search.h"
#include "core/jobs/model_library.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {
namespace {

nlohmann::ordered_json modelJson(const LibraryModel& model) {
    nlohmann::ordered_json json = {
        {"name", model.name}, {"path", model.path.string()}, {"bytes", model.bytes}, {"there", model.isThere}};
    if (!model.problem.empty())
        json["problem"] = model.problem;
    return json;
}

int listLibrary(Session& session) {
    const std::vector<LibraryModel> models = listModels(session.folder());
    if (session.options.json) {
        nlohmann::ordered_json array = nlohmann::ordered_json::array();
        for (const LibraryModel& model : models)
            array.push_back(modelJson(model));
        printJsonLine(array);
        return kDone;
    }
    if (models.empty()) {
        printLine("The library is empty: `lorikeet-cli models add PATH` adds a model, `lorikeet-cli quickstart` "
                  "fetches one.");
        return kDone;
    }
    std::vector<std::vector<std::string>> table{{"NAME", "SIZE", "PATH"}};
    for (const LibraryModel& model : models)
        if (model.problem.empty())
            table.push_back({model.name, model.isThere ? fileSizeText(model.bytes) : "missing", model.path.string()});
        else
            table.push_back({model.name, "damaged", model.problem});
    printTable(table);
    return kDone;
}

int addToLibrary(Session& session, const std::string& path, const std::string& name) {
    const LibraryModel model = addModel(session.folder(), path, name.empty() ? std::nullopt : std::optional(name));
    if (session.options.json)
        printJsonLine(modelJson(model));
    else
        printLine(fmt::format("Added {}.", model.name));
    return kDone;
}

int removeFromLibrary(Session& session, const std::string& name) {
    removeModel(session.folder(), name);
    if (session.options.json)
        printJsonLine({{"removed", name}});
    return kDone;
}

nlohmann::ordered_json configJson(const ModelConfig& config) {
    return {{"architecture", config.architecture},
            {"layers", config.layers},
            {"hidden_size", config.hiddenSize},
            {"intermediate_size", config.intermediateSize},
            {"heads", config.heads},
            {"kv_heads", config.kvHeads},
            {"head_dim", config.headDim},
            {"vocabulary_size", config.vocabularySize},
            {"max_positions", config.maxPositions},
            {"rope_theta", config.rope.theta},
            {"tied_embeddings", config.tiedEmbeddings}};
}

struct InspectOptions {
    std::string path;
    bool blocksizes = false;
    std::string type = "nf4";
    bool singleQuant = false;
    std::optional<double> bits;
};

std::optional<ChosenBlocksizes> blocksizesOf(Session& session, const InspectOptions& options) {
    if (!options.blocksizes)
        return std::nullopt;
    BlocksizeRequest request;
    request.model = session.modelPath(options.path);
    request.type = quantTypeFromName(options.type);
    request.doubleQuant = !options.singleQuant;
    request.bits = options.bits;
    request.threads = session.options.threads;
    ProgressLine line("Measuring blocksizes", session.options.json);
    ChosenBlocksizes chosen = chooseBlocksizes(
        request, [&](double fraction) { line.update(fraction); }, session.stop());
    line.finish();
    return chosen;
}

int inspectPath(Session& session, const InspectOptions& options) {
    const ModelInspection inspection = inspectModel(session.modelPath(options.path));
    const std::optional<ChosenBlocksizes> blocksizes = blocksizesOf(session, options);
    if (session.options.json) {
        nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
        for (const TensorEntry& tensor : inspection.tensors)
            tensors.push_back(
                {{"name", tensor.name}, {"type", tensor.type}, {"shape", tensor.shape}, {"bytes", tensor.bytes}});
        nlohmann::ordered_json line = {
            {"path", inspection.path.string()},     {"config", configJson(inspection.config)},
            {"parameters", inspection.parameters},  {"bytes", inspection.bytes},
            {"tokenizer", inspection.hasTokenizer}, {"chat_template", inspection.hasChatTemplate},
            {"license", inspection.license},        {"tensors", tensors}};
        if (blocksizes)
            line["blocksizes"] = chosenJson(*blocksizes);
        printJsonLine(line);
        return kDone;
    }
    std::vector<std::vector<std::string>> table{
        {"path", inspection.path.string()},
        {"parameters", countText(inspection.parameters)},
        {"size", fileSizeText(inspection.bytes)},
        {"tokenizer", inspection.hasTokenizer ? "yes" : "no"},
        {"chat template", inspection.hasChatTemplate ? "yes" : "no"},
        {"license", inspection.license.empty() ? "unknown" : inspection.license}};
    const nlohmann::ordered_json config = configJson(inspection.config);
    for (const auto& [key, value] : config.items())
        table.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
    printTable(table);
    printLine("");
    table = {{"TENSOR", "TYPE", "SHAPE", "SIZE"}};
    for (const TensorEntry& tensor : inspection.tensors)
        table.push_back({tensor.name, tensor.type, nlohmann::json(tensor.shape).dump(), fileSizeText(tensor.bytes)});
    printTable(table);
    if (blocksizes) {
        printLine("");
        printLine(fmt::format("What quantizing all linear layers as {}{} takes and loses, and the best blocksize of "
                              "each layer within {:.4f} bits:",
                              options.type, options.singleQuant ? "" : " with double quantization", blocksizes->bits));
        printChosen(*blocksizes);
    }
    return kDone;
}

} // namespace

void addModels(CLI::App& app, Session& session) {
    CLI::App* models = addCommand(app, "models", "The library of base models", "lorikeet-cli models list");
    models->require_subcommand(1);
    addCommand(*models, "list", "The models that can be called by name", "lorikeet-cli models list")
        ->callback([&session] { session.command = [&session] { return listLibrary(session); }; });

    auto path = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    CLI::App* command = addCommand(*models, "add", "Note where a model is",
                                   "lorikeet-cli models add ~/models/smollm2.gguf --name smollm2");
    command->add_option("path", *path, "A model folder or a .gguf file")->required();
    command->add_option("--name", *name, "What to call it; else the file's own name");
    command->callback([&session, path, name] {
        session.command = [&session, path, name] { return addToLibrary(session, *path, *name); };
    });

    command = addCommand(*models, "inspect", "Configuration, tensors, parameters, quantization",
                         "lorikeet-cli models inspect model.gguf");
    auto inspect = std::make_shared<InspectOptions>();
    command->add_option("path", inspect->path, "A model folder, a .gguf file, or a name")->required();
    CLI::Option* blocksizes =
        command->add_flag("--blocksizes", inspect->blocksizes,
                          "Measure what each blocksize takes and loses, and the best for each layer");
    command->add_option("--type", inspect->type, "With --blocksizes: nf4, fp4, int4 or int8")
        ->capture_default_str()
        ->needs(blocksizes);
    command->add_flag("--no-double-quant", inspect->singleQuant, "With --blocksizes: keep the scales in float32")
        ->needs(blocksizes);
    command
        ->add_option("--bits-per-parameter", inspect->bits,
                     "With --blocksizes: what a weight may take on average, scales included; else as much as in blocks "
                     "of 64")
        ->needs(blocksizes);
    command->callback(
        [&session, inspect] { session.command = [&session, inspect] { return inspectPath(session, *inspect); }; });

    command = addCommand(*models, "remove", "Forget a model; files that Lorikeet fetched are deleted",
                         "lorikeet-cli models remove smollm2");
    command->add_option("name", *name, "Its name in `models list`")->required();
    command->callback(
        [&session, name] { session.command = [&session, name] { return removeFromLibrary(session, *name); }; });
}

} // namespace lorikeet::cli
