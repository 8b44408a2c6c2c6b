// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/quick_start.h"

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "core/data/row_format.h"
#include "core/data/row_reader.h"
#include "core/hub/resources.h"
#include "core/hub/starter_model.h"
#include "core/jobs/generate_job.h"
#include "core/jobs/model_library.h"
#include "core/jobs/train_job.h"
#include "core/jobs/training_data.h"
#include "core/model/base_model.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kAnswerTokens = 96;
constexpr int64_t kSampleTokens = 48;
constexpr std::size_t kSamplePrompts = 2; // answered while it trains, to see the voice change
constexpr int64_t kSampleEvery = 20;      // steps

/// The held-out rows by themselves.
RunConfig heldOutConfig(const RunConfig& config) {
    RunConfig heldOut = config;
    heldOut.data.train = config.data.eval;
    heldOut.data.eval.clear();
    return heldOut;
}

/// The first prompts of the held-out rows.
std::vector<std::string> promptsOf(const DataConfig& data, std::size_t most) {
    const std::unique_ptr<RowReader> rows = openRows(data.eval);
    const ColumnMapping mapping = detectFormat(*rows, data);
    std::vector<std::string> prompts;
    for (int64_t row = 0; row < rows->rowCount() && prompts.size() < most; ++row)
        prompts.push_back(readContent(rows->row(row), mapping).prompt);
    return prompts;
}

class HeldOut {
public:
    HeldOut(Workshop& workshop, const RunConfig& config, OpenedModel& model)
        : m_model(model), m_batchSize(config.training.batchSize),
          m_data(heldOutConfig(config), model.text, workshop.options().threads) {}

    double loss(const LoraAdapter* adapter, std::stop_token stop) const {
        const EvaluationRows rows{&m_data.dataset(), &m_data.scan()};
        return evaluateLoss(*m_model.context, *m_model.base, adapter, rows, m_batchSize, std::move(stop)).mean();
    }

    std::string answer(const std::string& prompt, const LoraAdapter* adapter, std::stop_token stop) const {
        const ModelText& text = m_model.text;
        const bool isChat = m_data.dataset().usesChatTemplate();
        return continuePrompt(*m_model.context, {*m_model.base, adapter, *text.tokenizer},
                              isChat ? &*text.chatTemplate : nullptr, {.prompt = prompt, .maxNewTokens = kAnswerTokens},
                              {}, std::move(stop))
            .text;
    }

private:
    OpenedModel& m_model;
    int64_t m_batchSize;
    TrainingData m_data;
};

} // namespace

std::string fetchStarterModel(const Workshop& workshop, const ProgressObserver& progress, std::stop_token stop) {
    FetchOptions options;
    options.stop = std::move(stop);
    options.progress = [&](const FetchProgress& fetched) {
        if (progress)
            progress(
                {JobStage::FetchingModel, fetched.total > 0 ? double(fetched.bytes) / double(fetched.total) : 0.0});
    };
    return fetchPackagedModel(workshop.folder().root, starterModel(), options).string();
}

QuickStartOffer quickStartOffer(const Workshop& workshop) {
    const PackagedModel& starter = starterModel();
    QuickStartOffer offer;
    offer.modelName = starter.name;
    if (const char* own = std::getenv("LORIKEET_STARTER_MODEL"); own && *own) {
        offer.model = own;
        offer.modelName = fs::path(own).filename().string();
    } else if (const auto path = findPackagedModel(workshop.folder().root, starter))
        offer.model = path->string();
    else
        offer.downloadBytes = starter.wheelBytes;
    const RunConfig config = quickStartConfig("", std::nullopt);
    offer.steps = *config.training.maxSteps;
    offer.rows = openRows(config.data.train)->rowCount();
    return offer;
}

std::vector<std::string> heldOutPrompts() {
    return promptsOf(quickStartConfig("", std::nullopt).data, SIZE_MAX);
}

RunConfig quickStartConfig(const std::string& model, std::optional<int64_t> steps) {
    RunConfig config;
    config.name = "quick start";
    config.model = model;
    config.data.train = resourceFile("starter/train.jsonl").string();
    config.data.eval = resourceFile("starter/heldout.jsonl").string();
    config.data.format = RowFormat::PromptCompletion;
    config.data.maxLength = 256;
    config.training.maxSteps = steps.value_or(60);
    config.training.batchSize = 8;
    config.training.accumulationSteps = 1;
    config.training.learningRate = 1e-3;
    config.training.schedule = Schedule::Linear;
    config.training.warmupSteps = std::min<int64_t>(3, *config.training.maxSteps - 1);
    config.every.save = 0;
    config.every.sample = kSampleEvery;
    config.samples.maxNewTokens = kSampleTokens;
    config.samples.prompts = promptsOf(config.data, kSamplePrompts);
    return config;
}

QuickStartResult quickStart(Workshop& workshop, const QuickStartOptions& options, const RunObserver& observer,
                            const std::function<void(const Comparison&)>& onComparison,
                            const ProgressObserver& progress, std::stop_token stop) {
    const std::string model = options.model ? *options.model : fetchStarterModel(workshop, progress, stop);
    const RunConfig config = quickStartConfig(model, options.steps);
    // Held from before the training, so that the base is loaded once.
    OpenedModel opened = openModel(workshop,
                                   {.model = model,
                                    .adapter = {},
                                    .wish = {},
                                    .otherwise = defaultQuantization(),
                                    .moment = workshop.options().clock()},
                                   progress, stop);
    const HeldOut heldOut(workshop, config, opened);

    QuickStartResult result;
    result.baseLoss = heldOut.loss(nullptr, stop);
    result.end = trainRun(workshop, config, observer, progress, stop);
    result.trainSeconds = result.end.seconds;
    if (result.end.outcome != RunOutcome::Finished)
        return result;
    opened.adapter.emplace(LoraAdapter::load(*opened.context, opened.base->config(), *result.end.adapter, false));
    result.tunedLoss = heldOut.loss(&*opened.adapter, stop);
    for (const std::string& prompt : heldOutPrompts()) {
        const Comparison comparison{prompt, heldOut.answer(prompt, nullptr, stop),
                                    heldOut.answer(prompt, &*opened.adapter, stop)};
        if (stop.stop_requested())
            break; // an answer that was cut off would mislead
        if (onComparison)
            onComparison(comparison);
    }
    return result;
}

} // namespace lorikeet
