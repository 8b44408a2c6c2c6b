// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/blocksize_search.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/jobs/error_sums.h"
#include "core/model/model_files.h"
#include "core/model/model_tensors.h"

namespace lorikeet {

namespace {

constexpr int kUsualBlocksize = 64;

void refuseQuantized(const ModelFiles& files) {
    for (const TensorRecord& record : files.tensors->tensors())
        if (isBitsandbytesWeight(*files.tensors, record.name))
            fail(ErrorCode::BadConfig,
                 "{} is quantized already, and keeps its blocks: \"blocksize\": \"auto\" is for models that are not "
                 "(quantization.type \"none\" takes it as it is)",
                 files.path());
}

/// One search on its way.
class Search {
public:
    explicit Search(const BlocksizeRequest& request)
        : m_request(request), m_files(openModelFiles(request.model)), m_pool(request.threads) {
        const QuantizationSpec usual{request.type, kUsualBlocksize, request.doubleQuant};
        checkSpec(usual);
        refuseQuantized(m_files);
        m_bits = request.bits.value_or(bitsPerParameter(m_files.config, usual, {}));
        requirePossibleBits(m_files.config, usual, m_bits);
    }

    ChosenBlocksizes run(const std::function<void(double)>& progress, const std::stop_token& stop) {
        std::vector<ModelTensorFile> layers = modelTensors(m_files);
        std::erase_if(layers, [](const ModelTensorFile& tensor) { return !tensor.linearWeight; });
        const double all = double(linearWeights(m_files.config));
        double done = 0.0;
        for (const ModelTensorFile& layer : layers) {
            if (stop.stop_requested())
                fail(ErrorCode::Cancelled, "choosing blocksizes for {}: cancelled", m_files.path());
            measure(layer);
            done += double(layer.record->elements());
            if (progress)
                progress(done / all);
        }
        return chosen();
    }

private:
    static void checkSpec(const QuantizationSpec& spec) {
        try {
            checkQuantizationSpec(spec);
        } catch (const Error& error) {
            fail(ErrorCode::BadConfig, "{}", error.message()); // the type is the user's word
        }
    }

    QuantizationSpec spec(int choice) const { return {m_request.type, blocksizeChoice(choice), m_request.doubleQuant}; }

    void measure(const ModelTensorFile& layer) {
        const Shape shape = shapeOf(*layer.record);
        m_values.resize(std::size_t(shape.elements()));
        decodeElements(*layer.record, layer.order, 0, m_values, m_pool);
        m_files.tensors->release(*layer.record);
        LayerErrors& errors = m_errors.emplace_back();
        ErrorSums sums;
        for (int choice = 0; choice < kBlocksizeChoices; ++choice) {
            sums = {};
            try {
                sums.add(m_values, quantize(m_values, shape, spec(choice), m_pool), m_pool);
            } catch (const Error& error) {
                if (error.code() == ErrorCode::InvalidArgument) // the file's content: a NaN, for instance
                    fail(ErrorCode::BadFile, "{}: {}: {}", m_files.path(), layer.record->name, error.message());
                throw;
            }
            if (!std::isfinite(sums.square))
                fail(ErrorCode::BadFile, "{}: {}: its values are too large to be quantized", m_files.path(),
                     layer.record->name);
            errors[std::size_t(choice)] = sums.square;
        }
        m_valueSquare += sums.valueSquare;
    }

    double relativeError(double square) const { return m_valueSquare > 0.0 ? std::sqrt(square / m_valueSquare) : 0.0; }

    ChosenBlocksizes chosen() const {
        const ModelConfig& config = m_files.config;
        ChosenBlocksizes chosen{
            .blocksizes = bestBlocksizes(config, spec(0), m_bits, m_errors), .cost = {}, .bits = m_bits, .fixed = {}};
        double square = 0.0;
        for (std::size_t i = 0; i < m_errors.size(); ++i)
            for (int choice = 0; choice < kBlocksizeChoices; ++choice)
                if (blocksizeChoice(choice) == chosen.blocksizes[i])
                    square += m_errors[i][std::size_t(choice)];
        chosen.cost = {0, bitsPerParameter(config, spec(0), chosen.blocksizes), relativeError(square)};
        for (int choice = 0; choice < kBlocksizeChoices; ++choice) {
            square = 0.0;
            for (const LayerErrors& errors : m_errors)
                square += errors[std::size_t(choice)];
            chosen.fixed.push_back(
                {blocksizeChoice(choice), bitsPerParameter(config, spec(choice), {}), relativeError(square)});
        }
        return chosen;
    }

    const BlocksizeRequest& m_request;
    ModelFiles m_files;
    ThreadPool m_pool;
    double m_bits = 0.0;
    std::vector<float> m_values; ///< of one layer
    std::vector<LayerErrors> m_errors;
    double m_valueSquare = 0.0;
};

} // namespace

ChosenBlocksizes chooseBlocksizes(const BlocksizeRequest& request, const std::function<void(double)>& progress,
                                  std::stop_token stop) {
    return Search(request).run(progress, stop);
}

} // namespace lorikeet
