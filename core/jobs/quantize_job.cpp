// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/quantize_job.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <set>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/half.h"
#include "core/base/thread_pool.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/jobs/error_sums.h"
#include "core/jobs/model_texts.h"
#include "core/jobs/new_folder.h"
#include "core/model/model_files.h"
#include "core/model/model_tensors.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

constexpr std::array kMeasuredTypes = {QuantType::Nf4, QuantType::Fp4, QuantType::Int4, QuantType::Int8};
constexpr std::string_view kComputeType = "bfloat16"; ///< what bitsandbytes multiplies in: QLoRA's choice

/// The type that a tensor has in the checkpoint where it is not quantized.
StoredType plainType(StoredType stored) {
    if (stored == StoredType::F32 || stored == StoredType::F16 || stored == StoredType::BF16)
        return stored;
    return storedBlock(stored).elements > 1 ? StoredType::BF16 : StoredType::F32;
}

/// Whether every value of a float32 tensor is one of a 16-bit type, too.
bool fits(const TensorRecord& record, StoredType type) {
    std::vector<float> values(std::size_t(record.elements()));
    decode(record, 0, values);
    return std::ranges::all_of(values, [type](float value) {
        const float back =
            type == StoredType::BF16 ? bfloat16ToFloat(floatToBfloat16(value)) : float16ToFloat(floatToFloat16(value));
        return back == value;
    });
}

/// The one type that all tensors get that are not quantized, since transformers computes with a 4-bit checkpoint's as
/// they are and refuses a mixture (GGUF keeps norms as float32). 16 bits where they lose nothing that was stored in
/// more, else float32.
StoredType commonType(const std::vector<ModelTensorFile>& tensors) {
    std::set<StoredType> types;
    for (const ModelTensorFile& tensor : tensors)
        if (!tensor.linearWeight)
            types.insert(plainType(tensor.record->type));
    if (types.size() == 1)
        return *types.begin();
    if (types.contains(StoredType::F16) && types.contains(StoredType::BF16))
        return StoredType::F32;
    const StoredType narrow = types.contains(StoredType::F16) ? StoredType::F16 : StoredType::BF16;
    const bool allFit = std::ranges::all_of(tensors, [narrow](const ModelTensorFile& tensor) {
        return tensor.linearWeight || plainType(tensor.record->type) == narrow || fits(*tensor.record, narrow);
    });
    return allFit ? narrow : StoredType::F32;
}

std::string_view torchName(StoredType type) {
    return type == StoredType::F32 ? "float32" : type == StoredType::F16 ? "float16" : "bfloat16";
}

int64_t bytesIn(const fs::path& folder) {
    int64_t bytes = 0;
    std::error_code error;
    for (fs::directory_iterator file(folder, error), end; !error && file != end; file.increment(error))
        bytes += int64_t(file->file_size(error));
    if (error)
        fail(ErrorCode::Io, "cannot read {}: {}", folder.string(), error.message());
    return bytes;
}

/// One model on its way into a folder.
class Quantizer {
public:
    explicit Quantizer(const QuantizeRequest& request)
        : m_model(request.model), m_spec(request.spec), m_pool(request.threads), m_files(openModelFiles(request.model)),
          m_writer(request.spec) {}

    void choose(const QuantizeRequest& request, const std::function<void(double)>& progress,
                const std::stop_token& stop);
    QuantizeResult run(NewFolder& folder, const std::function<void(double)>& progress, const std::stop_token& stop);

private:
    void addTensor(const ModelTensorFile& tensor);
    void addPlain(const ModelTensorFile& tensor);
    void addLinear(const ModelTensorFile& tensor);
    bool writeTokenizer(const fs::path& folder) const;
    std::vector<QuantizationError> errors() const;

    fs::path m_model;
    QuantizationSpec m_spec;
    ThreadPool m_pool;
    ModelFiles m_files;
    BitsandbytesWriter m_writer;
    std::deque<std::vector<uint16_t>> m_halves; ///< what records of the writer refer to, like m_floats
    std::deque<std::vector<float>> m_floats;
    std::vector<float> m_values; ///< of one weight
    std::optional<ChosenBlocksizes> m_chosen;
    std::size_t m_layersDone = 0; ///< linear ones
    std::array<ErrorSums, kMeasuredTypes.size()> m_sums;
    StoredType m_plainType = StoredType::BF16; ///< of what is not quantized
    int64_t m_weights = 0;
};

void Quantizer::addPlain(const ModelTensorFile& tensor) {
    TensorRecord record = *tensor.record;
    record.name = tensor.name;
    record.type = m_plainType;
    if (record.type != tensor.record->type || tensor.order) {
        std::vector<float>& values = m_floats.emplace_back(std::size_t(record.elements()));
        decodeElements(*tensor.record, tensor.order, 0, values, m_pool);
        record.bytes = std::as_bytes(std::span(values));
        if (record.type != StoredType::F32) {
            std::vector<uint16_t>& halves = m_halves.emplace_back(values.size());
            std::ranges::transform(values, halves.begin(),
                                   record.type == StoredType::BF16 ? floatToBfloat16 : floatToFloat16);
            record.bytes = std::as_bytes(std::span(halves));
            m_floats.pop_back();
        }
        m_files.tensors->release(*tensor.record);
    }
    m_writer.add(std::move(record));
}

void Quantizer::addLinear(const ModelTensorFile& tensor) {
    const Shape shape = shapeOf(*tensor.record);
    m_values.resize(std::size_t(shape.elements()));
    decodeElements(*tensor.record, tensor.order, 0, m_values, m_pool);
    m_files.tensors->release(*tensor.record);
    QuantizationSpec own = m_spec;
    if (m_chosen)
        own.blocksize = m_chosen->blocksizes[m_layersDone];
    ++m_layersDone;
    for (std::size_t i = 0; i < kMeasuredTypes.size(); ++i) {
        QuantizationSpec spec = own;
        spec.type = kMeasuredTypes[i];
        QuantizedData data = quantize(m_values, shape, spec, m_pool);
        m_sums[i].add(m_values, data, m_pool);
        if (spec == own)
            m_writer.addQuantized(tensor.name, std::move(data), torchName(m_plainType));
    }
    m_weights += shape.elements();
}

void Quantizer::addTensor(const ModelTensorFile& tensor) {
    try {
        if (tensor.linearWeight)
            addLinear(tensor);
        else
            addPlain(tensor);
    } catch (const Error& error) {
        // The request has been checked: what is wrong now is the file's content, a NaN for instance.
        if (error.code() == ErrorCode::InvalidArgument)
            fail(ErrorCode::BadFile, "{}: {}: {}", m_files.path(), tensor.record->name, error.message());
        throw;
    }
}

bool Quantizer::writeTokenizer(const fs::path& folder) const {
    const ModelTexts texts = tokenizerTexts(m_files, m_model);
    for (const auto& [name, text] : texts)
        writeFileAtomically(folder / name, text);
    return hasTokenizer(texts);
}

std::vector<QuantizationError> Quantizer::errors() const {
    std::vector<QuantizationError> errors;
    const double count = double(m_weights);
    for (std::size_t i = 0; i < kMeasuredTypes.size(); ++i)
        errors.push_back({kMeasuredTypes[i], std::sqrt(m_sums[i].square / count), m_sums[i].absolute / count});
    return errors;
}

void Quantizer::choose(const QuantizeRequest& request, const std::function<void(double)>& progress,
                       const std::stop_token& stop) {
    m_chosen =
        chooseBlocksizes({m_model, m_spec.type, m_spec.doubleQuant, request.bits, request.threads}, progress, stop);
}

QuantizeResult Quantizer::run(NewFolder& folder, const std::function<void(double)>& progress,
                              const std::stop_token& stop) {
    const std::vector<ModelTensorFile> tensors = modelTensors(m_files);
    m_plainType = commonType(tensors);
    // Asked for first: a model that config.json cannot describe is refused before the work.
    const std::string config = configText(m_files, m_model, torchName(m_plainType));
    double total = 0.0, done = 0.0;
    for (const ModelTensorFile& tensor : tensors)
        total += double(tensor.record->bytes.size());
    const auto goOn = [&] {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "quantizing {}: cancelled", m_files.path());
    };
    for (const ModelTensorFile& tensor : tensors) {
        goOn();
        addTensor(tensor);
        done += double(tensor.record->bytes.size());
        if (progress)
            progress(done / total);
    }
    goOn();
    QuantizeResult result{
        .path = folder.target(), .spec = m_spec, .weights = m_weights, .errors = errors(), .chosen = m_chosen};
    m_writer.write(folder.path(), config, kComputeType);
    result.hasTokenizer = writeTokenizer(folder.path());
    result.bytes = bytesIn(folder.path());
    goOn();
    folder.commit();
    return result;
}

} // namespace

QuantizeResult quantizeModel(const QuantizeRequest& request, const std::function<void(double)>& progress,
                             std::stop_token stop) {
    if (request.spec.type != QuantType::Nf4 && request.spec.type != QuantType::Fp4)
        fail(ErrorCode::BadConfig,
             "quantize writes bitsandbytes checkpoints, which hold nf4 or fp4, not {}; `train` quantizes a model as {} "
             "itself: set \"quantization\" in its run file",
             quantTypeName(request.spec.type), quantTypeName(request.spec.type));
    try {
        checkQuantizationSpec(request.spec);
    } catch (const Error& error) {
        fail(ErrorCode::BadConfig, "{}", error.message()); // the blocksize is the user's word
    }
    Quantizer quantizer(request);
    NewFolder folder(request.out);
    if (!request.choosesBlocksizes)
        return quantizer.run(folder, progress, stop);
    constexpr double kSearch = 0.6; // of the work
    const auto part = [&progress](double begin, double share) {
        return [&progress, begin, share](double fraction) {
            if (progress)
                progress(begin + share * fraction);
        };
    };
    quantizer.choose(request, part(0.0, kSearch), stop);
    return quantizer.run(folder, part(kSearch, 1.0 - kSearch), stop);
}

} // namespace lorikeet
