// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/weight_study.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/jobs/error_sums.h"
#include "core/model/linear_layout.h"
#include "core/model/model_files.h"
#include "core/model/model_tensors.h"
#include "core/quant/blocksize_allocation.h"

namespace lorikeet {
namespace {

constexpr int kMostBins = 10000;

void requireSpec(const QuantizationSpec& spec) {
    try {
        checkQuantizationSpec(spec);
    } catch (const Error& error) {
        fail(ErrorCode::BadConfig, "{}", error.message()); // the user's choice
    }
}

void goOn(const ModelFiles& files, const std::stop_token& stop) {
    if (stop.stop_requested())
        fail(ErrorCode::Cancelled, "looking at the weights of {}: cancelled", files.path());
}

const TensorRecord& findTensor(const ModelFiles& files, const std::string& name) {
    if (const TensorRecord* record = files.tensors->find(name))
        return *record;
    fail(ErrorCode::NotFound, "{}: there is no tensor {}", files.path(), name);
}

/// The order of rows in which a tensor is used, and quantized.
RowOrder rowOrderOf(const ModelFiles& files, const TensorRecord& record) {
    for (int layer = 0; files.permutedRows && layer < files.config.layers; ++layer)
        for (const LinearRole role : {LinearRole::Query, LinearRole::Key})
            if (files.names->of(layer, role, "weight") == record.name)
                return storedRowOrder(files, role);
    return {};
}

std::vector<float> valuesOf(const ModelFiles& files, const TensorRecord& record, const RowOrder& order,
                            ThreadPool& pool) {
    if (isBitsandbytesWeight(*files.tensors, record.name)) {
        const QuantizedData data = readBitsandbytesWeight(*files.tensors, record.name);
        std::vector<float> values(std::size_t(data.shape.elements()));
        dequantize(data, values);
        return values;
    }
    std::vector<float> values(std::size_t(record.elements()));
    decodeElements(record, order, 0, values, pool);
    files.tensors->release(record);
    return values;
}

/// What one tile of a tensor adds to its histogram.
struct TileSums {
    std::vector<int64_t> counts;
    int64_t values = 0, notFinite = 0;
    double sum = 0.0, square = 0.0;
    float least = INFINITY, most = -INFINITY;
};

void addBlock(TileSums& sums, std::span<const float> block) {
    float largest = 0.0f;
    for (const float value : block)
        if (std::isfinite(value))
            largest = std::max(largest, std::abs(value));
    const auto bins = double(sums.counts.size());
    for (const float value : block) {
        if (!std::isfinite(value)) {
            ++sums.notFinite;
            continue;
        }
        const double share = largest > 0.0f ? double(value) / double(largest) : 0.0;
        const double bin = std::min(std::floor((share + 1.0) * 0.5 * bins), bins - 1.0);
        ++sums.counts[std::size_t(bin)];
        ++sums.values;
        sums.sum += double(value);
        sums.square += double(value) * double(value);
        sums.least = std::min(sums.least, value);
        sums.most = std::max(sums.most, value);
    }
}

TensorHistogram joined(const std::vector<TileSums>& tiles, const HistogramRequest& request) {
    TensorHistogram histogram{.blocksize = request.blocksize, .counts = {}};
    histogram.counts.resize(std::size_t(request.bins));
    double sum = 0.0, square = 0.0;
    float least = INFINITY, most = -INFINITY;
    for (const TileSums& tile : tiles) {
        for (std::size_t i = 0; i < tile.counts.size(); ++i)
            histogram.counts[i] += tile.counts[i];
        histogram.values += tile.values;
        histogram.notFinite += tile.notFinite;
        sum += tile.sum;
        square += tile.square;
        least = std::min(least, tile.least);
        most = std::max(most, tile.most);
    }
    if (histogram.values > 0) {
        const double count = double(histogram.values);
        histogram.minimum = double(least);
        histogram.maximum = double(most);
        histogram.mean = sum / count;
        histogram.standardDeviation = std::sqrt(std::max(0.0, square / count - histogram.mean * histogram.mean));
    }
    return histogram;
}

std::vector<QuantizationSpec> specsOf(const ErrorStudyRequest& request) {
    std::vector<QuantizationSpec> specs;
    for (const QuantType type : request.types)
        for (const int blocksize : request.blocksizes)
            for (const bool doubleQuant : request.doubleQuant) {
                specs.push_back({type, blocksize, doubleQuant});
                requireSpec(specs.back());
            }
    return specs;
}

/// Those that are shown, and behind them those that a choice is made from.
std::vector<QuantizationSpec> measuredSpecs(const ErrorStudyRequest& request) {
    std::vector<QuantizationSpec> specs = specsOf(request);
    if (!request.chosen || request.tensor)
        return specs;
    ErrorStudyRequest all = request;
    all.blocksizes.clear();
    for (int choice = 0; choice < kBlocksizeChoices; ++choice)
        all.blocksizes.push_back(blocksizeChoice(choice));
    for (const QuantizationSpec& spec : specsOf(all))
        if (std::ranges::find(specs, spec) == specs.end())
            specs.push_back(spec);
    return specs;
}

/// What one way to quantize does to one tensor, or to all.
struct WayCost {
    ErrorSums sums;
    int64_t bytes = 0;

    void add(const WayCost& other) {
        sums.add(other.sums);
        bytes += other.bytes;
    }
};

/// Of the linear weights, which stand layer by layer, those of evenly spread layers.
std::vector<ModelTensorFile> sampleOf(std::vector<ModelTensorFile> tensors, int layers, int64_t allWeights,
                                      int64_t mostWeights) {
    if (mostWeights <= 0 || allWeights <= mostWeights)
        return tensors;
    const int64_t kept = std::max<int64_t>(1, mostWeights * layers / allWeights);
    std::vector<ModelTensorFile> sample;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const int64_t layer = int64_t(i) / kLinearRoles;
        if ((layer + 1) * kept / layers > layer * kept / layers)
            sample.push_back(std::move(tensors[i]));
    }
    return sample;
}

/// One study on its way.
class Study {
public:
    explicit Study(const ErrorStudyRequest& request)
        : m_files(openModelFiles(request.model)), m_specs(measuredSpecs(request)), m_shown(specsOf(request).size()),
          m_hasChoice(request.chosen && !request.tensor), m_types(request.types), m_doubleQuant(request.doubleQuant),
          m_pool(request.threads) {
        if (request.tensor) {
            const TensorRecord& record = findTensor(m_files, *request.tensor);
            if (isBitsandbytesWeight(*m_files.tensors, record.name))
                fail(ErrorCode::BadConfig, "{}: {} is quantized already", m_files.path(), record.name);
            m_tensors.push_back({&record, record.name, rowOrderOf(m_files, record), true});
            m_study.allWeights = record.elements();
            return;
        }
        std::vector<ModelTensorFile> linear = modelTensors(m_files);
        std::erase_if(linear, [](const ModelTensorFile& tensor) { return !tensor.linearWeight; });
        for (const ModelTensorFile& tensor : linear)
            m_study.allWeights += tensor.record->elements();
        m_tensors = sampleOf(std::move(linear), m_files.config.layers, m_study.allWeights, request.mostWeights);
    }

    ErrorStudy run(const std::function<void(double)>& progress, const std::stop_token& stop) {
        int64_t total = 0;
        for (const ModelTensorFile& tensor : m_tensors)
            total += tensor.record->elements();
        for (const ModelTensorFile& tensor : m_tensors) {
            goOn(m_files, stop);
            add(tensor, stop);
            m_study.weights += tensor.record->elements();
            if (progress)
                progress(double(m_study.weights) / double(std::max<int64_t>(1, total)));
        }
        for (std::size_t way = 0; way < m_shown; ++way) {
            WayCost sum;
            for (const std::vector<WayCost>& tensor : m_costs)
                sum.add(tensor[way]);
            m_study.rows.push_back(rowOf(m_specs[way], sum));
        }
        if (m_hasChoice)
            for (const QuantType type : m_types)
                for (const bool doubleQuant : m_doubleQuant)
                    m_study.rows.push_back(chosenRow(type, doubleQuant));
        return std::move(m_study);
    }

private:
    void add(const ModelTensorFile& tensor, const std::stop_token& stop) {
        const std::vector<float> values = valuesOf(m_files, *tensor.record, tensor.order, m_pool);
        const Shape shape = shapeOf(*tensor.record);
        std::vector<WayCost>& costs = m_costs.emplace_back(m_specs.size());
        // The ways are shared out among the threads: each of them is one thread's work.
        m_pool.parallelFor(int64_t(m_specs.size()), [&](int64_t way) {
            if (!stop.stop_requested())
                costs[std::size_t(way)] = measure(values, shape, tensor, m_specs[std::size_t(way)]);
        });
        goOn(m_files, stop);
    }

    WayCost measure(std::span<const float> values, const Shape& shape, const ModelTensorFile& tensor,
                    const QuantizationSpec& spec) {
        ThreadPool alone(1);
        WayCost cost;
        try {
            const QuantizedData data = quantize(values, shape, spec, alone);
            cost.sums.add(values, data, alone);
            cost.bytes = quantizedBytes(shape.elements(), spec);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::InvalidArgument) // the file's content: a NaN, for instance
                fail(ErrorCode::BadFile, "{}: {}: {}", m_files.path(), tensor.record->name, error.message());
            throw;
        }
        return cost;
    }

    StudiedQuantization rowOf(const QuantizationSpec& spec, const WayCost& cost) const {
        const double count = double(std::max<int64_t>(1, m_study.weights));
        const ErrorSums& sums = cost.sums;
        return {spec, sums.valueSquare > 0.0 ? std::sqrt(sums.square / sums.valueSquare) : 0.0,
                std::sqrt(sums.square / count), sums.absolute / count, 8.0 * double(cost.bytes) / count};
    }

    /// The way of each blocksize, ascending.
    std::vector<std::size_t> waysOf(QuantType type, bool doubleQuant) const {
        std::vector<std::size_t> ways;
        for (int choice = 0; choice < kBlocksizeChoices; ++choice) {
            const QuantizationSpec spec{type, blocksizeChoice(choice), doubleQuant};
            ways.push_back(std::size_t(std::ranges::find(m_specs, spec) - m_specs.begin()));
        }
        return ways;
    }

    StudiedQuantization chosenRow(QuantType type, bool doubleQuant) const {
        const std::vector<std::size_t> ways = waysOf(type, doubleQuant);
        std::vector<std::vector<StorageChoice>> choices(m_costs.size());
        int64_t limit = 0;
        for (std::size_t i = 0; i < m_costs.size(); ++i)
            for (const std::size_t way : ways) {
                const WayCost& cost = m_costs[i][way];
                choices[i].push_back({cost.bytes, cost.sums.square});
                if (m_specs[way].blocksize == QuantizationSpec().blocksize)
                    limit += cost.bytes;
            }
        const std::vector<int> chosen = allocateBytes(choices, limit);
        WayCost total;
        for (std::size_t i = 0; i < chosen.size(); ++i)
            total.add(m_costs[i][ways[std::size_t(chosen[i])]]);
        return rowOf({type, kChosenBlocksize, doubleQuant}, total);
    }

    ModelFiles m_files;
    std::vector<QuantizationSpec> m_specs; ///< the ways; the first ones are shown
    std::size_t m_shown;
    bool m_hasChoice;
    std::vector<QuantType> m_types;
    std::vector<bool> m_doubleQuant;
    ThreadPool m_pool;
    std::vector<std::vector<WayCost>> m_costs; ///< by tensor and way
    std::vector<ModelTensorFile> m_tensors;
    ErrorStudy m_study;
};

} // namespace

TensorHistogram tensorHistogram(const HistogramRequest& request, std::stop_token stop) {
    requireSpec({QuantType::Nf4, request.blocksize, false});
    if (request.bins < 1 || request.bins > kMostBins)
        fail(ErrorCode::BadConfig, "a histogram of {} bins; allowed are 1 to {}", request.bins, kMostBins);
    const ModelFiles files = openModelFiles(request.model);
    const TensorRecord& record = findTensor(files, request.tensor);
    ThreadPool pool(request.threads);
    goOn(files, stop);
    const std::vector<float> values = valuesOf(files, record, rowOrderOf(files, record), pool);
    goOn(files, stop);
    const std::size_t tile = std::size_t(request.blocksize) * std::max<std::size_t>(1, 262144 / request.blocksize);
    std::vector<TileSums> tiles((values.size() + tile - 1) / tile);
    pool.parallelFor(int64_t(tiles.size()), [&](int64_t index) {
        TileSums& sums = tiles[std::size_t(index)];
        sums.counts.resize(std::size_t(request.bins));
        const std::size_t begin = std::size_t(index) * tile, end = std::min(begin + tile, values.size());
        for (std::size_t block = begin; block < end; block += std::size_t(request.blocksize))
            addBlock(sums, std::span(values).subspan(block, std::min(std::size_t(request.blocksize), end - block)));
    });
    return joined(tiles, request);
}

std::vector<float> quantizationLevels(QuantType type) {
    std::vector<float> levels;
    if (!isFourBit(type))
        return levels;
    // INT4 never uses its lowest code, which lies below -1.
    std::ranges::copy_if(codebook(type), std::back_inserter(levels), [](float level) { return level >= -1.0f; });
    std::ranges::sort(levels);
    const auto repeated = std::ranges::unique(levels);
    levels.erase(repeated.begin(), repeated.end());
    return levels;
}

ErrorStudy quantizationErrors(const ErrorStudyRequest& request, const std::function<void(double)>& progress,
                              std::stop_token stop) {
    return Study(request).run(progress, stop);
}

} // namespace lorikeet
