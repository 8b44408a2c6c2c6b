// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/perplexity_study.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/system_memory.h"
#include "core/data/row_format.h"
#include "core/data/row_reader.h"
#include "core/hub/resources.h"
#include "core/jobs/blocksize_search.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"
#include "core/jobs/score_job.h"
#include "core/jobs/weight_study.h"
#include "core/jobs/workshop.h"
#include "core/model/base_model.h"
#include "core/model/model_files.h"
#include "core/model/model_tensors.h"

namespace lorikeet {
namespace {

constexpr double kErrorShare = 0.2, kLoadShare = 0.3; ///< of a case's time, roughly; the rest is scoring

std::vector<QuantizationSpec> specsOf(const PerplexityStudyRequest& request) {
    std::vector<QuantizationSpec> specs;
    for (const QuantType type : request.types) {
        if (type == QuantType::None) {
            specs.push_back({.type = type, .blocksize = 64, .doubleQuant = false});
            continue;
        }
        for (const int blocksize : request.blocksizes) {
            specs.push_back({type, blocksize, request.doubleQuant});
            try {
                QuantizationSpec spec = specs.back();
                if (blocksize == kChosenBlocksize)
                    spec.blocksize = QuantizationSpec().blocksize;
                checkQuantizationSpec(spec);
            } catch (const Error& error) {
                fail(ErrorCode::BadConfig, "study: {}", error.message()); // the user's choice
            }
        }
    }
    if (specs.empty())
        fail(ErrorCode::BadConfig, "study: no type and blocksize to compare");
    if (request.text.empty())
        fail(ErrorCode::BadConfig, "study: the text is empty");
    if (request.window < 2)
        fail(ErrorCode::BadConfig, "study: a window of {} tokens; at least 2 are needed", request.window);
    return specs;
}

/// One study on its way.
class Study {
public:
    Study(Workshop& workshop, const PerplexityStudyRequest& request,
          const std::function<void(const PerplexityProgress&)>& progress, std::stop_token stop)
        : m_workshop(workshop), m_request(request), m_progress(progress), m_stop(std::move(stop)),
          m_specs(specsOf(request)) {}

    PerplexityStudy run() {
        // Before anything is loaded: a model in 16 bits may be far larger than one that is trained in 4.
        if (std::ranges::any_of(m_specs, [](const auto& spec) { return spec.type == QuantType::None; }))
            requireMemory();
        for (const QuantizationSpec& spec : m_specs) {
            const PerplexityCase found = measure(spec);
            m_study.cases.push_back(found);
            tell(0.0, &found);
        }
        return std::move(m_study);
    }

private:
    void tell(double fraction, const PerplexityCase* just = nullptr) const {
        if (m_progress)
            m_progress({m_study.cases.size(), m_specs.size(), fraction, just});
    }

    void requireMemory() const {
        const ModelFiles files = openModelFiles(resolveModel(m_workshop.folder(), m_request.model));
        int64_t weights = 0;
        for (const ModelTensorFile& tensor : modelTensors(files))
            weights += tensor.record->elements();
        const int64_t needed = weights * int64_t(dtypeSize(m_request.computeType.value_or(DType::BF16)));
        const int64_t free = systemMemory().available;
        if (needed > free)
            fail(ErrorCode::OutOfMemory,
                 "study: without quantization {} needs {} MB, and {} MB are free; close other programs, or compare "
                 "quantized ones alone (lorikeet-cli study --types nf4 fp4 int4 int8)",
                 m_request.model, needed >> 20, free >> 20);
    }

    PerplexityCase measure(const QuantizationSpec& spec) {
        ModelRequest wanted{.model = m_request.model, .adapter = {}, .wish = {}, .otherwise = {}};
        wanted.wish.type = spec.type;
        std::optional<ChosenBlocksizes> chosen;
        if (spec.type != QuantType::None) {
            wanted.wish.doubleQuant = spec.doubleQuant;
            if (spec.blocksize == kChosenBlocksize) {
                chosen = choose(spec);
                wanted.wish.blocksizes = chosen->blocksizes;
            } else {
                wanted.wish.blocksize = spec.blocksize;
            }
        }
        wanted.wish.computeType = m_request.computeType;
        OpenedModel model = openModel(
            m_workshop, wanted,
            [&](const JobProgress& loaded) { tell((chosen ? kErrorShare : 0.0) + loaded.fraction * kLoadShare); },
            m_stop);
        if (spec.type == QuantType::None && model.base->quantization())
            fail(ErrorCode::BadConfig, "study: {} is quantized already", model.path.string());
        PerplexityCase found{.spec = spec, .relativeError = {}};
        if (spec.type == QuantType::None)
            found.bitsPerParameter = 8.0 * double(dtypeSize(model.base->computeType()));
        else if (!chosen)
            addWeightError(found, model);
        if (chosen) {
            found.bitsPerParameter = chosen->cost.bitsPerParameter;
            found.relativeError = chosen->cost.relativeError;
        }
        score(found, model);
        return found;
    }

    ChosenBlocksizes choose(const QuantizationSpec& spec) const {
        BlocksizeRequest request{.model = resolveModel(m_workshop.folder(), m_request.model), .type = spec.type};
        request.doubleQuant = spec.doubleQuant;
        request.threads = m_workshop.options().threads;
        return chooseBlocksizes(
            request, [this](double done) { tell(done * kErrorShare); }, m_stop);
    }

    void addWeightError(PerplexityCase& found, const OpenedModel& model) const {
        const ErrorStudy errors = quantizationErrors(
            {.model = model.path,
             .types = {found.spec.type},
             .blocksizes = {found.spec.blocksize},
             .doubleQuant = {found.spec.doubleQuant},
             .threads = m_workshop.options().threads},
            [this](double done) { tell(kLoadShare + done * kErrorShare); }, m_stop);
        found.bitsPerParameter = errors.rows.front().bitsPerParameter;
        found.relativeError = errors.rows.front().relativeError;
    }

    void score(PerplexityCase& found, OpenedModel& model) {
        std::vector<TokenId> tokens = model.text.tokenizer->encode(m_request.text);
        if (m_request.mostTokens > 0 && int64_t(tokens.size()) > m_request.mostTokens)
            tokens.resize(std::size_t(m_request.mostTokens));
        const std::size_t window = std::size_t(std::min<int64_t>(m_request.window, model.base->config().maxPositions));
        m_study.window = int64_t(window);
        m_study.tokens = m_study.targets = 0;
        double sum = 0.0;
        for (std::size_t begin = 0; begin < tokens.size(); begin += window) {
            const auto part = std::span(tokens).subspan(begin, std::min(window, tokens.size() - begin));
            if (part.size() < 2 && begin > 0)
                break; // nothing predicts the one token that is left
            const ScoreResult result = scoreTokens(model, part, m_stop);
            sum += result.meanNll * double(part.size() - 1);
            m_study.tokens += int64_t(part.size());
            m_study.targets += int64_t(part.size()) - 1;
            const double done = double(begin + part.size()) / double(tokens.size());
            tell(kLoadShare + kErrorShare + done * (1.0 - kLoadShare - kErrorShare));
        }
        found.meanNll = sum / double(std::max<int64_t>(1, m_study.targets));
        found.perplexity = std::exp(found.meanNll);
    }

    Workshop& m_workshop;
    const PerplexityStudyRequest& m_request;
    const std::function<void(const PerplexityProgress&)>& m_progress;
    std::stop_token m_stop;
    std::vector<QuantizationSpec> m_specs;
    PerplexityStudy m_study;
};

} // namespace

std::string starterText() {
    const std::unique_ptr<RowReader> rows = openRows(resourceFile("starter/train.jsonl"));
    const ColumnMapping mapping = detectFormat(*rows, {});
    std::string text;
    for (int64_t row = 0; row < rows->rowCount(); ++row) {
        const RowContent content = readContent(rows->row(row), mapping);
        text += content.prompt + "\n" + content.completion + "\n\n";
    }
    return text;
}

PerplexityStudy studyPerplexity(Workshop& workshop, const PerplexityStudyRequest& request,
                                const std::function<void(const PerplexityProgress&)>& progress, std::stop_token stop) {
    return Study(workshop, request, progress, std::move(stop)).run();
}

} // namespace lorikeet
