// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cpu/cpu_backend.h"
#include "core/data/batches.h"
#include "core/data/dataset.h"
#include "core/model/adapter.h"
#include "core/model/base_model.h"
#include "core/text/tokenizer.h"
#include "core/train/trainer.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

/// A text is the decimal ids of its tokens: "12 45 7". The end of a row is token 1.
class NumberTokenizer : public Tokenizer {
public:
    std::vector<TokenId> encode(std::string_view text, EncodeOptions options) const override;
    std::string decode(std::span<const TokenId> ids, bool keepSpecial) const override;
    std::string pieceBytes(TokenId id) const override { return std::to_string(id) + " "; }
    int64_t vocabularySize() const override { return 96; }
    std::optional<TokenId> bos() const override { return std::nullopt; }
    std::optional<TokenId> eos() const override { return 1; }
    bool addsBos() const override { return false; }
    bool addsEos() const override { return false; }
    bool isSpecial(TokenId id) const override { return id == 1; }
    std::optional<TokenId> find(std::string_view) const override { return std::nullopt; }
};

/// The golden run's configuration: float32, no quantization, rows in file order.
RunConfig goldenConfig();
/// The same for a full finetuning of a model of tests/data/full, as make_full_goldens.py trains it.
RunConfig goldenFullConfig(const std::string& model);

/// The tiny model of tests/data/train with its rows, on a backend of its own.
class TinyRun {
public:
    /// `backend` must outlive the run; `config` decides model, rows and adapter.
    TinyRun(Backend& backend, const RunConfig& config);

    /// Trains into `folder`; the events are in events() afterwards.
    EndEvent train(const std::filesystem::path& folder, std::stop_token stop = {});
    EndEvent train(const std::filesystem::path& folder, RunControl& control);
    /// A value of the adapter's parameters after another, as float32.
    std::vector<float> parameterValues();

    std::vector<StepEvent> steps() const { return eventsOf<StepEvent>(); }
    template <typename Event>
    std::vector<Event> eventsOf() const {
        std::vector<Event> found;
        for (const RunEvent& event : m_events)
            if (const auto* one = std::get_if<Event>(&event))
                found.push_back(*one);
        return found;
    }
    const std::vector<RunEvent>& events() const { return m_events; }
    ExecutionContext& context() { return *m_context; }
    const BaseModel& base() const { return *m_base; }
    LoraAdapter& adapter() { return *m_adapter; }
    StepPlanner& planner() { return *m_planner; }
    EvaluationRows rows() const { return {m_dataset.get(), &m_scan, {}, m_config.data}; }

    /// Hears each event too.
    RunObserver listener;
    bool evaluates = false, rehearses = true;
    /// The run goes on from the newest checkpoint in the folder; what it says of others is in warnings.
    bool resumes = false;
    std::vector<std::string> warnings;
    std::string modelIdentity; ///< as the trainer is told it
    std::function<std::string(const std::string&, std::stop_token)> sample;

private:
    void openBase(LoadOptions options);

    RunConfig m_config;
    std::unique_ptr<ExecutionContext> m_context;
    std::shared_ptr<const BaseModel> m_base;
    std::optional<LoraAdapter> m_adapter;
    ModelTexts m_modelTexts;
    NumberTokenizer m_tokenizer;
    std::unique_ptr<Dataset> m_dataset;
    DatasetScan m_scan;
    std::unique_ptr<StepPlanner> m_planner;
    std::vector<RunEvent> m_events;
};

} // namespace lorikeet
