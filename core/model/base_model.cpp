// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base_model.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/error.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/model/model_files.h"
#include "core/model/weight_decoder.h"

namespace lorikeet {

Weight LinearWeight::weight() const {
    return dense ? Weight(dense.view()) : Weight(quantized.view());
}

BaseModel::BaseModel(ModelConfig config)
    : m_config(std::move(config)), m_layers(std::size_t(m_config.layers)),
      m_rope(m_config.rope, m_config.maxPositions) {}

std::shared_ptr<const BaseModel> BaseModel::withoutWeights(const ModelConfig& config, DType computeType) {
    const std::shared_ptr<BaseModel> model(new BaseModel(config));
    model->m_computeType = computeType;
    return model;
}

Weight BaseModel::weight(const BaseTensor& tensor) const {
    if (tensor.kind == BaseTensor::Kind::Weight)
        return m_layers[std::size_t(tensor.layer)][tensor.role].weight();
    return (tensor.kind == BaseTensor::Kind::Head && m_head ? *m_head : m_embedding).weight();
}

Tensor BaseModel::vector(const BaseTensor& tensor) const {
    if (tensor.kind == BaseTensor::Kind::FinalNorm)
        return m_finalNorm;
    const DecoderWeights& layer = m_layers[std::size_t(tensor.layer)];
    if (tensor.kind == BaseTensor::Kind::Bias)
        return layer[tensor.role].bias;
    return tensor.kind == BaseTensor::Kind::AttentionNorm ? layer.attentionNorm : layer.feedForwardNorm;
}

/// Reads one model: first every tensor's presence and shape is checked, then they are read one by one.
class BaseModelLoader {
public:
    BaseModelLoader(ExecutionContext& context, ModelFiles files, const LoadOptions& options)
        : m_context(context), m_files(std::move(files)), m_options(options), m_decoder(context, options.threads),
          m_model(new BaseModel(m_files.config)) {}

    std::shared_ptr<const BaseModel> load();

private:
    struct Step {
        const TensorRecord* record;
        std::function<void(const TensorRecord&)> read;
    };

    const TensorNames& names() const { return *m_files.names; }
    void plan(const std::string& name, std::vector<int64_t> shape, std::function<void(const TensorRecord&)> read);
    void planHead();
    void planLayer(int layer);
    void planLinear(int layer, LinearRole role);
    void planQuantized(int layer, LinearRole role);
    void refuseExtraTensors() const;
    void readTable(const TensorRecord& record, LinearWeight& table);
    void readLinear(const TensorRecord& record, int layer, LinearRole role);
    LinearWeight& linear(int layer, LinearRole role);
    QuantizationSpec specOf(int layer, LinearRole role) const;
    void noteStoredBlocksizes();
    void read(const Step& step) const;
    DType tableType(const TensorRecord& record) const;

    ExecutionContext& m_context;
    ModelFiles m_files;
    const LoadOptions& m_options;
    WeightDecoder m_decoder;
    std::shared_ptr<BaseModel> m_model;
    std::vector<Step> m_steps;
    std::unordered_set<std::string> m_planned;
    bool m_quantizedInFile = false; ///< a bitsandbytes checkpoint: what it left in 16 bits stays so
    Blocksizes m_storedBlocksizes;  ///< of such a checkpoint; 0 where it left a layer in 16 bits
};

void BaseModelLoader::plan(const std::string& name, std::vector<int64_t> shape,
                           std::function<void(const TensorRecord&)> read) {
    const TensorRecord& record = requireTensor(m_files, name, shape);
    m_planned.insert(name);
    m_steps.push_back({&record, std::move(read)});
}

void BaseModelLoader::planHead() {
    const std::string name = names().of(ModelTensor::Head);
    if (m_files.config.tiedEmbeddings) {
        m_planned.insert(name); // equal to the embedding where it is there
        return;
    }
    plan(name, {m_files.config.vocabularySize, m_files.config.hiddenSize},
         [this](const TensorRecord& record) { readTable(record, m_model->m_head.emplace()); });
}

LinearWeight& BaseModelLoader::linear(int layer, LinearRole role) {
    return m_model->m_layers[std::size_t(layer)].linear[std::size_t(role)];
}

QuantizationSpec BaseModelLoader::specOf(int layer, LinearRole role) const {
    return linearSpec(*m_options.quantization, m_options.blocksizes, layer, role);
}

void BaseModelLoader::planQuantized(int layer, LinearRole role) {
    const std::string name = names().of(layer, role, "weight");
    const LinearLayout layout = linearLayout(m_files.config, role);
    // The shape that counts is in the quantization state, not that of the packed codes.
    const TensorRecord& codes = m_files.tensors->at(name);
    m_quantizedInFile = true;
    plan(name, codes.shape, [this, layer, role, shape = Shape{layout.out, layout.in}](const TensorRecord& record) {
        const QuantizedData data = readBitsandbytesWeight(*m_files.tensors, record.name);
        if (data.shape != shape)
            fail(ErrorCode::BadFile, "{}: {} is {}, but the configuration asks for {}", m_files.path(), record.name,
                 data.shape.text(), shape.text());
        if (m_options.quantization && specOf(layer, role) != data.spec)
            fail(ErrorCode::BadConfig, "{}: {} is quantized already, as {} in blocks of {}{}", m_files.path(),
                 record.name, quantTypeName(data.spec.type), data.spec.blocksize,
                 data.spec.doubleQuant ? " with double quantization" : "");
        m_model->m_quantization = data.spec;
        m_storedBlocksizes.resize(std::size_t(m_files.config.layers) * kLinearRoles);
        m_storedBlocksizes[std::size_t(linearIndex(layer, role))] = data.spec.blocksize;
        linear(layer, role).quantized = uploadQuantized(m_context, data);
    });
}

void BaseModelLoader::planLinear(int layer, LinearRole role) {
    const LinearLayout layout = linearLayout(m_files.config, role);
    const RowOrder order = storedRowOrder(m_files, role);
    const std::string name = names().of(layer, role, "weight");
    if (isBitsandbytesWeight(*m_files.tensors, name))
        planQuantized(layer, role);
    else
        plan(name, {layout.out, layout.in},
             [this, layer, role](const TensorRecord& record) { readLinear(record, layer, role); });
    if (layout.bias)
        plan(names().of(layer, role, "bias"), {layout.out}, [this, order, layer, role](const TensorRecord& record) {
            linear(layer, role).bias = m_decoder.dense(record, DType::F32, order);
        });
}

void BaseModelLoader::planLayer(int layer) {
    DecoderWeights& weights = m_model->m_layers[std::size_t(layer)];
    const auto planNorm = [&](LayerNorm norm, Storage& destination) {
        plan(names().of(layer, norm), {m_files.config.hiddenSize},
             [this, &destination](const TensorRecord& record) { destination = m_decoder.dense(record, DType::F32); });
    };
    planNorm(LayerNorm::Attention, weights.attentionNorm);
    planNorm(LayerNorm::FeedForward, weights.feedForwardNorm);
    for (LinearRole role : kAllLinearRoles)
        planLinear(layer, role);
}

void BaseModelLoader::refuseExtraTensors() const {
    for (const TensorRecord& record : m_files.tensors->tensors())
        if (!m_planned.contains(record.name) && !names().mayBeIgnored(record.name) &&
            !(m_quantizedInFile && isBitsandbytesState(record.name)))
            failExtraTensor(m_files, record);
}

DType BaseModelLoader::tableType(const TensorRecord& record) const {
    // In bfloat16 passes every use of a table rounds to bfloat16 anyway.
    return m_options.computeType == DType::BF16 ? DType::BF16 : denseTypeOf(record.type);
}

void BaseModelLoader::readTable(const TensorRecord& record, LinearWeight& table) {
    if (record.type == StoredType::Q8_0)
        table.quantized = uploadQuantized(m_context, fromQ8_0(record.bytes, {record.shape[0], record.shape[1]}));
    else
        table.dense = m_decoder.dense(record, tableType(record));
}

void BaseModelLoader::readLinear(const TensorRecord& record, int layer, LinearRole role) {
    const RowOrder order = storedRowOrder(m_files, role);
    LinearWeight& weight = linear(layer, role);
    if (!m_options.quantization || m_quantizedInFile) {
        weight.dense = m_decoder.dense(record, m_options.computeType, order);
        return;
    }
    weight.quantized = m_decoder.quantized(record, specOf(layer, role), order);
}

void BaseModelLoader::read(const Step& step) const {
    try {
        step.read(*step.record);
    } catch (const Error& error) {
        // The options have been checked: what is wrong now is the file's content, a NaN for instance.
        if (error.code() == ErrorCode::InvalidArgument)
            fail(ErrorCode::BadFile, "{}: {}: {}", m_files.path(), step.record->name, error.message());
        throw;
    }
}

/// What the checkpoint has, where it has anything of its own.
void BaseModelLoader::noteStoredBlocksizes() {
    if (m_storedBlocksizes.empty())
        return;
    const int last = m_model->m_quantization->blocksize;
    std::ranges::replace(m_storedBlocksizes, 0, last);
    const bool isMixed = std::ranges::any_of(m_storedBlocksizes, [last](int size) { return size != last; });
    m_model->m_blocksizes = isMixed ? std::move(m_storedBlocksizes) : Blocksizes();
}

std::shared_ptr<const BaseModel> BaseModelLoader::load() {
    const ModelConfig& config = m_files.config;
    checkBlocksizes(config, m_options.blocksizes);
    plan(names().of(ModelTensor::Embedding), {config.vocabularySize, config.hiddenSize},
         [this](const TensorRecord& record) { readTable(record, m_model->m_embedding); });
    for (int layer = 0; layer < config.layers; ++layer)
        planLayer(layer);
    plan(names().of(ModelTensor::FinalNorm), {config.hiddenSize},
         [this](const TensorRecord& record) { m_model->m_finalNorm = m_decoder.dense(record, DType::F32); });
    planHead();
    refuseExtraTensors();

    m_model->m_computeType = m_options.computeType;
    m_model->m_quantization = m_options.quantization;
    if (m_options.quantization)
        m_model->m_blocksizes = m_options.blocksizes;
    double total = 0.0;
    for (const Step& step : m_steps)
        total += double(step.record->bytes.size());
    double done = 0.0;
    for (const Step& step : m_steps) {
        if (m_options.stop.stop_requested())
            fail(ErrorCode::Cancelled, "loading {}: cancelled", m_files.path());
        read(step);
        m_files.tensors->release(*step.record);
        done += double(step.record->bytes.size());
        if (m_options.progress)
            m_options.progress(done / total);
    }
    noteStoredBlocksizes();
    return m_model;
}

std::shared_ptr<const BaseModel> BaseModel::load(ExecutionContext& context, const std::filesystem::path& model,
                                                 const LoadOptions& options) {
    if (options.computeType != DType::F32 && options.computeType != DType::BF16)
        fail(ErrorCode::InvalidArgument, "loading {}: the compute type {} is neither float32 nor bfloat16",
             model.string(), dtypeName(options.computeType));
    if (options.quantization)
        checkQuantizationSpec(*options.quantization);
    ModelFiles files = openModelFiles(model);
    untieOtherHead(files);
    return BaseModelLoader(context, std::move(files), options).load();
}

} // namespace lorikeet
