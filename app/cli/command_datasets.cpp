// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/model_options.h"
#include "app/cli/output.h"
#include "app/cli/session.h"
#include "core/base/error.h"
#include "core/jobs/dataset_job.h"
#include "core/train/run_config.h"

namespace lorikeet::cli {
namespace {

struct InspectOptions {
    std::string file;
    std::string model;
    int maxLength = 512;
    std::string chatTemplate = "auto";
    std::string format = "auto";
    std::string trainOn = "completions";
    std::vector<std::string> columns;
    std::optional<int64_t> rows;
};

/// ROLE=COLUMN words to the run file's form.
std::map<std::string, std::string> parseColumns(const std::vector<std::string>& words) {
    std::map<std::string, std::string> columns;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0)
            fail(ErrorCode::BadConfig, "--column {}: ROLE=COLUMN is expected, such as prompt=question", word);
        columns[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return columns;
}

/// Ids and mask of each row, as it is trained.
nlohmann::ordered_json listedJson(const std::vector<PreviewRow>& rows) {
    nlohmann::ordered_json listed = nlohmann::ordered_json::array();
    for (const PreviewRow& row : rows) {
        nlohmann::ordered_json ids = nlohmann::ordered_json::array(), trained = nlohmann::ordered_json::array();
        for (const ShownToken& token : row.tokens) {
            ids.push_back(token.id);
            trained.push_back(int(token.trained));
        }
        listed.push_back({{"row", row.index},
                          {"ids", ids},
                          {"trained", trained},
                          {"skipped", row.skipped.has_value()},
                          {"problem", row.problem}});
    }
    return listed;
}

nlohmann::ordered_json inspectionJson(const DatasetInspection& inspection, bool listsRows) {
    nlohmann::ordered_json object = {{"format", rowFormatName(inspection.mapping.format)},
                                     {"columns", inspection.mapping.columns},
                                     {"rows", inspection.rows}};
    if (!inspection.summary)
        return object;
    const DatasetSummary& summary = *inspection.summary;
    object["template"] = inspection.usesChatTemplate ? "chat" : "plain";
    object["trained_rows"] = summary.usedRows;
    object["skipped"] = {{"empty", summary.empty}, {"nothing_trained", summary.nothingTrained}, {"bad", summary.bad}};
    object["truncated"] = summary.truncatedRows;
    object["tokens"] = summary.tokens;
    object["trained_tokens"] = summary.trainedTokens;
    object["longest"] = summary.longest;
    object["problems"] = summary.problems;
    object["lengths"] = {{"bin_width", inspection.lengths.binWidth}, {"counts", inspection.lengths.counts}};
    nlohmann::ordered_json tokens = nlohmann::ordered_json::array();
    for (const ShownToken& token : inspection.example)
        tokens.push_back({{"id", token.id}, {"text", token.text}, {"trained", token.trained}});
    object["example"] = {{"row", inspection.exampleRow}, {"tokens", tokens}};
    if (listsRows)
        object["listed"] = listedJson(inspection.listed);
    return object;
}

void printLengths(const LengthHistogram& lengths) {
    const int64_t most = lengths.counts.empty() ? 0 : *std::max_element(lengths.counts.begin(), lengths.counts.end());
    if (most == 0)
        return;
    printLine("\nTokens in a row:");
    for (std::size_t bin = 0; bin < lengths.counts.size(); ++bin) {
        std::string bar;
        for (int64_t i = 0; i < (lengths.counts[bin] * 40 + most - 1) / most; ++i)
            bar += "█";
        printLine(fmt::format("  {:>6} to {:>6}  {} {}", int64_t(bin) * lengths.binWidth,
                              int64_t(bin + 1) * lengths.binWidth - 1, bar, lengths.counts[bin]));
    }
}

/// The example row; what is trained stands in brackets, since a pipe has no colours.
void printExample(const DatasetInspection& inspection) {
    if (inspection.exampleRow < 0)
        return;
    printLine(fmt::format("\nRow {} as the model sees it; what is trained stands in ⟦ ⟧:", inspection.exampleRow + 1));
    std::string text;
    bool trained = false;
    for (const ShownToken& token : inspection.example) {
        if (token.trained != trained)
            text += token.trained ? "⟦" : "⟧";
        trained = token.trained;
        text += token.text;
    }
    printLine(text + (trained ? "⟧" : ""));
}

void printInspection(const DatasetInspection& inspection) {
    std::vector<std::vector<std::string>> table{{"format", std::string(rowFormatName(inspection.mapping.format))}};
    for (const auto& [role, column] : inspection.mapping.columns)
        table.push_back({"  " + role, column});
    table.push_back({"rows", countText(inspection.rows)});
    if (inspection.summary) {
        const DatasetSummary& summary = *inspection.summary;
        table.push_back({"template", inspection.usesChatTemplate ? "chat" : "plain"});
        table.push_back({"rows to train on", countText(summary.usedRows)});
        table.push_back({"skipped", fmt::format("{} ({} empty, {} without a trained token, {} bad)", summary.skipped(),
                                                summary.empty, summary.nothingTrained, summary.bad)});
        table.push_back({"truncated", countText(summary.truncatedRows)});
        table.push_back(
            {"tokens", fmt::format("{}, {} of them trained; the longest row has {}", countText(summary.tokens),
                                   countText(summary.trainedTokens), countText(summary.longest))});
    }
    printTable(table);
    if (!inspection.summary)
        return;
    for (const std::string& problem : inspection.summary->problems)
        printLine("  " + problem);
    printLengths(inspection.lengths);
    printExample(inspection);
}

int inspect(Session& session, const InspectOptions& options) {
    // The words of a run's file, so that what is shown here is what a run would train on.
    const nlohmann::json run = {{"model", options.model.empty() ? "none" : options.model},
                                {"data",
                                 {{"train", options.file},
                                  {"max_length", options.maxLength},
                                  {"format", options.format},
                                  {"template", options.chatTemplate},
                                  {"train_on", options.trainOn},
                                  {"columns", parseColumns(options.columns)}}}};
    if (options.rows && (!session.options.json || options.model.empty()))
        fail(ErrorCode::BadConfig, "datasets inspect: --rows needs --json and --model");
    const DataConfig data = parseRunConfig(run.dump(), "datasets inspect").data;
    const auto model = options.model.empty() ? std::nullopt : std::optional(options.model);
    const DatasetInspection inspection = inspectDataset(
        session.workshop(), data, model, stageProgress(session.options.json), session.stop(), options.rows.value_or(0));
    if (session.options.json)
        printJsonLine(inspectionJson(inspection, options.rows.has_value()));
    else
        printInspection(inspection);
    return kDone;
}

} // namespace

void addDatasets(CLI::App& app, Session& session) {
    CLI::App* datasets =
        addCommand(app, "datasets", "What a file of rows holds", "lorikeet-cli datasets inspect rows.jsonl");
    datasets->require_subcommand(1);
    auto options = std::make_shared<InspectOptions>();
    CLI::App* command = addCommand(*datasets, "inspect", "Format, columns, lengths, rows that would not train, a mask",
                                   "lorikeet-cli datasets inspect rows.jsonl --model model.gguf");
    command->add_option("file", options->file, "JSON Lines, JSON or CSV")->required();
    command->add_option("--model", options->model, "Whose tokenizer and template: a folder, a .gguf file, or a name");
    command->add_option("--max-length", options->maxLength, "Tokens after which a row is cut")
        ->check(CLI::Range(2, 1 << 24))
        ->capture_default_str();
    command->add_option("--template", options->chatTemplate, "auto, chat or plain")->capture_default_str();
    command->add_option("--format", options->format, "auto, text, prompt_completion, alpaca, messages or sharegpt")
        ->capture_default_str();
    command->add_option("--train-on", options->trainOn, "completions or all")->capture_default_str();
    command->add_option("--rows", options->rows, "With --json: ids and mask of so many rows, from the first")
        ->check(CLI::Range(0, 1 << 24));
    command->add_option("--column", options->columns, "ROLE=COLUMN, such as prompt=question (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->callback(
        [&session, options] { session.command = [&session, options] { return inspect(session, *options); }; });
}

} // namespace lorikeet::cli
