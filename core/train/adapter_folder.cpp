// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/adapter_folder.h"

#include <system_error>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/model/adapter.h"
#include "core/model/blocksizes_json.h"
#include "core/train/run_config.h"

namespace lorikeet {
namespace {

constexpr const char* kNoteName = "lorikeet.json";
constexpr std::size_t kLargestNote = std::size_t(1) << 20;

void requireDone(const std::error_code& error, std::string_view what, const std::filesystem::path& path) {
    if (error)
        fail(ErrorCode::Io, "cannot {} {}: {}", what, path.string(), error.message());
}

std::string noteText(const TrainedOver& over) {
    nlohmann::ordered_json quantization = {{"type", "none"}};
    if (over.quantization)
        quantization = {{"type", quantTypeName(over.quantization->type)},
                        {"blocksize", over.quantization->blocksize},
                        {"double_quant", over.quantization->doubleQuant}};
    if (over.quantization && !over.blocksizes.empty()) {
        quantization["blocksize"] = "auto";
        quantization["blocksizes"] = blocksizesJson(over.blocksizes);
    }
    const nlohmann::ordered_json note = {{"model", over.model},
                                         {"quantization", quantization},
                                         {"compute_dtype", dtypeName(over.computeType)},
                                         {"template", templateChoiceName(over.chatTemplate)},
                                         {"run", over.run}};
    return note.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

TrainedOver parseNote(const std::string& text) {
    const nlohmann::json note = nlohmann::json::parse(text);
    TrainedOver over;
    over.model = note.at("model").get<std::string>();
    over.computeType = computeTypeFromName(note.at("compute_dtype").get<std::string>());
    const nlohmann::json& quantization = note.at("quantization");
    const QuantType type = quantTypeFromName(quantization.at("type").get<std::string>());
    if (type != QuantType::None)
        over.quantization = QuantizationSpec{.type = type, .doubleQuant = quantization.at("double_quant").get<bool>()};
    if (over.quantization && quantization.at("blocksize") == "auto")
        over.blocksizes = blocksizesFromJson(quantization.at("blocksizes"));
    else if (over.quantization)
        over.quantization->blocksize = quantization.at("blocksize").get<int>();
    over.chatTemplate = note.at("template") == "chat" ? TemplateChoice::Chat : TemplateChoice::Plain;
    over.run = note.value("run", "");
    return over;
}

} // namespace

void writeAdapterFiles(ExecutionContext& context, const LoraAdapter& adapter, const std::filesystem::path& folder,
                       const TrainedOver& trainedOver, const ModelTexts& texts) {
    if (adapter.isWhole()) {
        adapter.saveWhole(context, folder);
        for (const auto& [name, text] : texts)
            writeFileAtomically(folder / name, text);
    } else {
        adapter.save(context, folder, trainedOver.model);
    }
    writeFileAtomically(folder / kNoteName, noteText(trainedOver));
}

void saveAdapterFolder(ExecutionContext& context, const LoraAdapter& adapter, const std::filesystem::path& folder,
                       const TrainedOver& trainedOver, const ModelTexts& texts) {
    std::filesystem::path fresh = folder;
    fresh += ".tmp";
    std::error_code error;
    std::filesystem::remove_all(fresh, error);
    requireDone(error, "clear", fresh);
    std::filesystem::create_directories(fresh, error);
    requireDone(error, "create", fresh);
    try {
        writeAdapterFiles(context, adapter, fresh, trainedOver, texts);
        replaceFolder(fresh, folder);
    } catch (const Error&) {
        // Half an adapter must not take the room that the next save needs.
        std::filesystem::remove_all(fresh, error);
        throw;
    }
}

bool isModelFolder(const std::filesystem::path& folder) {
    std::error_code error;
    return std::filesystem::exists(folder / "config.json", error) &&
           !std::filesystem::exists(folder / "adapter_config.json", error);
}

std::optional<TrainedOver> readTrainedOver(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kNoteName;
    if (!std::filesystem::exists(path))
        return std::nullopt;
    const std::string text = readTextFile(path, kLargestNote);
    try {
        return parseNote(text);
    } catch (const nlohmann::json::exception& error) {
        fail(ErrorCode::BadFile, "{}: {}", path.string(), error.what());
    } catch (const Error& error) {
        fail(ErrorCode::BadFile, "{}: {}", path.string(), error.message());
    }
}

} // namespace lorikeet
