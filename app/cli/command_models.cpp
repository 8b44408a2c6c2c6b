// SPDX-License-Identifier: GPL-3.0-or-later
// models list, add, inspect, remove: the library.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/jobs/model_library.h"

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

int inspectPath(Session& session, const std::string& model) {
    const ModelInspection inspection = inspectModel(session.modelPath(model));
    if (session.options.json) {
        nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
        for (const TensorEntry& tensor : inspection.tensors)
            tensors.push_back(
                {{"name", tensor.name}, {"type", tensor.type}, {"shape", tensor.shape}, {"bytes", tensor.bytes}});
        printJsonLine({{"path", inspection.path.string()},
                       {"config", configJson(inspection.config)},
                       {"parameters", inspection.parameters},
                       {"bytes", inspection.bytes},
                       {"tokenizer", inspection.hasTokenizer},
                       {"chat_template", inspection.hasChatTemplate},
                       {"license", inspection.license},
                       {"tensors", tensors}});
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
    command->add_option("path", *path, "A model folder, a .gguf file, or a name")->required();
    command->callback([&session, path] { session.command = [&session, path] { return inspectPath(session, *path); }; });

    command = addCommand(*models, "remove", "Forget a model; files that Lorikeet fetched are deleted",
                         "lorikeet-cli models remove smollm2");
    command->add_option("name", *name, "Its name in `models list`")->required();
    command->callback(
        [&session, name] { session.command = [&session, name] { return removeFromLibrary(session, *name); }; });
}

} // namespace lorikeet::cli
