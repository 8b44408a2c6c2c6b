// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/checked_files.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/jobs/readable.h"
#include "core/jobs/run_parts.h"
#include "core/model/model_files.h"
#include "core/text/chat_template.h"

namespace lorikeet {
namespace {

int64_t parametersOf(const ModelConfig& model) {
    int64_t perLayer = 2 * int64_t(model.hiddenSize);
    for (const LinearRole role : kAllLinearRoles) {
        const LinearLayout layout = linearLayout(model, role);
        perLayer += int64_t(layout.in) * layout.out + (layout.bias ? layout.out : 0);
    }
    const int64_t table = int64_t(model.vocabularySize) * model.hiddenSize;
    return model.layers * perLayer + table * (model.tiedEmbeddings ? 1 : 2) + model.hiddenSize;
}

/// The type that most values have.
std::string mostCommonType(const TensorFile& file) {
    std::map<StoredType, int64_t> elements;
    for (const TensorRecord& tensor : file.tensors())
        elements[tensor.type] += tensor.elements();
    const auto most = std::ranges::max_element(elements, {}, [](const auto& entry) { return entry.second; });
    return most == elements.end() ? std::string() : std::string(storedTypeName(most->first));
}

/// Tokens of sequences as they are after a cut at `most`; 0 is none.
int64_t cutTokens(std::span<const int32_t> lengths, int64_t most) {
    return std::accumulate(lengths.begin(), lengths.end(), int64_t(0), [most](int64_t sum, int32_t length) {
        return sum + (most > 0 ? std::min<int64_t>(length, most) : length);
    });
}

/// What 95 % of the rows do not exceed.
int64_t usualLongest(std::vector<int32_t> lengths) {
    if (lengths.empty())
        return 0;
    const auto place = lengths.begin() + std::ptrdiff_t(double(lengths.size() - 1) * 0.95);
    std::nth_element(lengths.begin(), place, lengths.end());
    return *place;
}

DataFacts factsOf(const ScannedRows& rows) {
    const DatasetSummary& summary = rows.scan.summary;
    DataFacts facts;
    facts.format = rowFormatName(rows.dataset.mapping().format);
    facts.usesChatTemplate = rows.dataset.usesChatTemplate();
    facts.rows = summary.rows;
    facts.skipped = summary.skipped();
    facts.truncated = summary.truncatedRows;
    facts.tokens = summary.tokens;
    facts.trainedTokens = summary.trainedTokens;
    facts.longest = summary.longest;
    return facts;
}

} // namespace

CheckedModel readCheckedModel(const std::filesystem::path& path) {
    const ModelFiles files = openModelFiles(path);
    CheckedModel model;
    model.config = files.config;
    model.tables = files.tensors->at(files.names->of(ModelTensor::Embedding)).type;
    const StoredQuantization stored = storedQuantization(files);
    model.quantization = stored.spec;
    model.blocksizes = stored.blocksizes;
    ModelFacts& facts = model.facts;
    facts.path = path;
    facts.family = files.config.architecture;
    facts.storedType =
        model.quantization ? upperCase(quantTypeName(model.quantization->type)) : mostCommonType(*files.tensors);
    facts.parameters = parametersOf(files.config);
    for (const TensorRecord& tensor : files.tensors->tensors())
        facts.bytes += int64_t(tensor.bytes.size());
    facts.maxPositions = files.config.maxPositions;
    facts.hasChatTemplate = findChatTemplate(path).has_value();
    for (const LinearRole role : kAllLinearRoles) {
        const std::string linear = linearPath(0, role);
        facts.modules.push_back(linear.substr(linear.rfind('.') + 1));
    }
    return model;
}

RowCounts countRows(const RunConfig& config, const std::shared_ptr<const ScannedRows>& rows,
                    const std::shared_ptr<const ScannedRows>& evalRows) {
    RowCounts counts;
    counts.facts = factsOf(*rows);
    counts.reasons = rows->scan.summary.problems;
    if (rows->scan.usedRows.empty())
        return counts;
    RunConfig single = config; // steps of one unit each: the planner counts units
    single.training.batchSize = single.training.accumulationSteps = 1;
    const TrainingData data(single, rows, evalRows);
    const bool isSplit = rows->dataset.cutLength() == 0;
    counts.evaluationLengths = data.evaluationLengths();
    counts.facts.evaluationRows = int64_t(counts.evaluationLengths.size());
    counts.evaluationTokens = cutTokens(counts.evaluationLengths, 0);
    counts.lengths = data.lengths();
    counts.facts.trainedRows = data.trainedRows();
    counts.tokensPerEpoch = cutTokens(isSplit ? rows->scan.fullLengths : counts.lengths, 0);
    counts.unitsPerEpoch = data.planner()->stepsInEpoch(0);
    counts.usualLongest = usualLongest(rows->scan.fullLengths);
    return counts;
}

RowCounts approximateCounts(const RunConfig& config, const ScannedRows& rows, const ScannedRows* evalRows) {
    const int64_t most = config.data.maxLength;
    RowCounts counts;
    counts.isProvisional = true;
    counts.facts = factsOf(rows);
    counts.facts.longest = 0;
    counts.facts.truncated = 0;
    for (const int32_t length : rows.scan.fullLengths) {
        counts.facts.truncated += length > most ? 1 : 0;
        counts.facts.longest = std::max(counts.facts.longest, std::min<int64_t>(length, most));
        counts.lengths.push_back(int32_t(std::min<int64_t>(length, most)));
    }
    const auto used = int64_t(counts.lengths.size());
    const double before = double(std::max<int64_t>(1, counts.facts.tokens));
    counts.facts.tokens = cutTokens(counts.lengths, 0);
    counts.facts.trainedTokens =
        std::llround(double(counts.facts.trainedTokens) * double(counts.facts.tokens) / before);
    const int64_t held = std::llround(config.data.evalFraction * double(used));
    if (evalRows)
        for (const int32_t length : evalRows->scan.fullLengths)
            counts.evaluationLengths.push_back(int32_t(std::min<int64_t>(length, most)));
    counts.facts.evaluationRows = evalRows ? int64_t(evalRows->scan.usedRows.size()) : held;
    counts.evaluationTokens = evalRows   ? cutTokens(evalRows->scan.fullLengths, most)
                              : used > 0 ? counts.facts.tokens * held / used
                                         : 0;
    counts.facts.trainedRows = used - held;
    counts.tokensPerEpoch = used > 0 ? counts.facts.tokens * (used - held) / used : 0;
    counts.usualLongest = usualLongest(rows.scan.fullLengths);
    counts.unitsPerEpoch = config.data.packing ? (counts.tokensPerEpoch + most - 1) / most : used - held;
    return counts;
}

} // namespace lorikeet
