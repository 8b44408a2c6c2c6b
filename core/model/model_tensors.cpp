// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_tensors.h"

#include <unordered_set>

#include "core/base/error.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/model/model_files.h"

namespace lorikeet {

namespace {

class Collector {
public:
    explicit Collector(const ModelFiles& files) : m_files(files) {}

    std::vector<ModelTensorFile> collect() {
        const ModelConfig& config = m_files.config;
        refuseQuantized();
        const auto addOuter = [&](ModelTensor tensor, std::vector<int64_t> shape) {
            add(m_files.names->of(tensor), huggingFaceNames().of(tensor), shape);
        };
        addOuter(ModelTensor::Embedding, {config.vocabularySize, config.hiddenSize});
        for (int layer = 0; layer < config.layers; ++layer)
            addLayer(layer);
        addOuter(ModelTensor::FinalNorm, {config.hiddenSize});
        // A tied head that stands in the file all the same is kept: it may differ from the embedding.
        if (!config.tiedEmbeddings || m_files.tensors->find(m_files.names->of(ModelTensor::Head)))
            addOuter(ModelTensor::Head, {config.vocabularySize, config.hiddenSize});
        refuseOthers();
        return std::move(m_tensors);
    }

private:
    void refuseQuantized() const {
        for (const TensorRecord& record : m_files.tensors->tensors())
            if (isBitsandbytesWeight(*m_files.tensors, record.name))
                fail(ErrorCode::BadConfig, "{}: {} is quantized already, by bitsandbytes", m_files.path(), record.name);
    }

    void add(const std::string& name, std::string huggingFaceName, const std::vector<int64_t>& shape,
             RowOrder order = {}, bool linearWeight = false) {
        const TensorRecord& record = requireTensor(m_files, name, shape);
        m_names.insert(name);
        m_tensors.push_back({&record, std::move(huggingFaceName), std::move(order), linearWeight});
    }

    void addLayer(int layer) {
        for (LayerNorm norm : {LayerNorm::Attention, LayerNorm::FeedForward})
            add(m_files.names->of(layer, norm), huggingFaceNames().of(layer, norm), {m_files.config.hiddenSize});
        for (LinearRole role : kAllLinearRoles) {
            const LinearLayout layout = linearLayout(m_files.config, role);
            const RowOrder order = storedRowOrder(m_files, role);
            add(m_files.names->of(layer, role, "weight"), huggingFaceNames().of(layer, role, "weight"),
                {layout.out, layout.in}, order, true);
            if (layout.bias)
                add(m_files.names->of(layer, role, "bias"), huggingFaceNames().of(layer, role, "bias"), {layout.out},
                    order);
        }
    }

    void refuseOthers() const {
        for (const TensorRecord& record : m_files.tensors->tensors())
            if (!m_names.contains(record.name) && !m_files.names->mayBeIgnored(record.name))
                failExtraTensor(m_files, record);
    }

    const ModelFiles& m_files;
    std::vector<ModelTensorFile> m_tensors;
    std::unordered_set<std::string> m_names;
};

} // namespace

std::vector<ModelTensorFile> modelTensors(const ModelFiles& files) {
    return Collector(files).collect();
}

} // namespace lorikeet
