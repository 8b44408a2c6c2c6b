// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/formats/tensor_file.h"
#include "core/model/base_tensors.h"
#include "core/model/blocksizes.h"
#include "core/model/linear_layout.h"
#include "core/model/model_config.h"
#include "core/model/rope_table.h"
#include "core/quant/quantize.h"

namespace lorikeet {

/// The frozen weight of one linear layer, dense or quantized.
struct LinearWeight {
    Storage dense;              ///< in the compute type, absent where quantized
    QuantizedStorage quantized; ///< absent where dense
    Storage bias;               ///< F32 [out], often absent

    Weight weight() const;
};

/// The frozen weights of one decoder layer.
struct DecoderWeights {
    std::array<LinearWeight, kLinearRoles> linear;
    Storage attentionNorm;   ///< F32 [C]
    Storage feedForwardNorm; ///< F32 [C]

    const LinearWeight& operator[](LinearRole role) const { return linear[std::size_t(role)]; }
};

/// How a base model is brought into memory.
struct LoadOptions {
    /// How the linear layers are quantized on the way; none keeps them in the compute type. A checkpoint that is
    /// quantized already (bitsandbytes) keeps its own, and refuses another one as BadConfig.
    std::optional<QuantizationSpec> quantization;
    Blocksizes blocksizes;                         ///< where the layers differ in it
    DType computeType = DType::BF16;               ///< F32 or BF16: the type of activations
    int threads = 0;                               ///< that decode and quantize; 0: as many as the process may use
    std::function<void(double fraction)> progress; ///< called on the loading thread
    std::stop_token stop;                          ///< ends the loading with Cancelled
};

/// A decoder's frozen weights on one backend. Immutable and shared: by a run, a chat beside it, several adapters.
/// Any thread, each with a context of its own.
class BaseModel {
public:
    /// Opens a model folder (config.json and safetensors, sharded too) or a .gguf file. The embedding and the head
    /// are not quantized: they stay in 16 or 32 bits as stored, in Q8_0 where a GGUF file has them so. Throws BadFile
    /// for files that do not fit each other, naming tensor and shapes.
    static std::shared_ptr<const BaseModel> load(ExecutionContext&, const std::filesystem::path& model,
                                                 const LoadOptions& options);
    /// What load() would allocate, without contents: for a backend that only keeps accounts of memory. `tables` is how
    /// the file stores embedding and head.
    static std::shared_ptr<const BaseModel> outline(ExecutionContext&, const ModelConfig&, const LoadOptions& options,
                                                    StoredType tables);

    /// A model without weights, for passes in which an adapter holds them all (LoraAdapter::isWhole()).
    static std::shared_ptr<const BaseModel> withoutWeights(const ModelConfig&, DType computeType);
    /// The same for a backend that only keeps accounts of memory.
    static std::shared_ptr<const BaseModel> outlineWithoutWeights(const ModelConfig&, DType computeType);

    const ModelConfig& config() const { return m_config; }
    DType computeType() const { return m_computeType; }
    /// How the linear layers are quantized; none where they are dense.
    const std::optional<QuantizationSpec>& quantization() const { return m_quantization; }
    /// The blocksizes of the linear layers where they differ; then that of quantization() means nothing.
    const Blocksizes& blocksizes() const { return m_blocksizes; }

    /// Embedding, Head (the embedding where tied) or the Weight of a linear layer.
    Weight weight(const BaseTensor& tensor) const;
    /// A norm or a Bias, F32; absent where the layer has no bias.
    Tensor vector(const BaseTensor& tensor) const;

    /// Cosines and sines for positions below `positions`.
    std::shared_ptr<const RopeTable> rope(ExecutionContext& context, int64_t positions) const {
        return m_rope.upTo(context, positions);
    }

private:
    friend class BaseModelLoader;
    explicit BaseModel(ModelConfig config);

    ModelConfig m_config;
    DType m_computeType = DType::BF16;
    std::optional<QuantizationSpec> m_quantization;
    Blocksizes m_blocksizes;
    LinearWeight m_embedding;
    std::optional<LinearWeight> m_head; ///< absent where tied
    std::vector<DecoderWeights> m_layers;
    Storage m_finalNorm;
    RopeTables m_rope;
};

} // namespace lorikeet
