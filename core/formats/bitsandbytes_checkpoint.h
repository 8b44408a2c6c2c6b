// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/formats/tensor_file.h"
#include "core/quant/quantize.h"

namespace lorikeet {

/// True where the tensor `name` ("....weight") is stored in 4 bits as bitsandbytes does: its state is beside it.
bool isBitsandbytesWeight(const TensorFile& file, std::string_view name);

/// True for the names of the tensors beside the codes of a 4-bit weight: scales, maps, quant_state.
bool isBitsandbytesState(std::string_view name);

/// Reads a 4-bit weight with its state, whatever type its codes are stored as. Throws BadFile, naming file, tensor
/// and fault, for a state that does not fit (counts, shape, blocksize, scales that are not finite), or NotBuilt for
/// one that exists but is not read (another nested blocksize, another codebook).
QuantizedData readBitsandbytesWeight(const TensorFile& file, std::string_view name);
/// How it is quantized, from its state alone. Throws the same for a state that does not fit.
QuantizationSpec readBitsandbytesSpec(const TensorFile& file, std::string_view name);

/// Gathers the tensors of a 4-bit checkpoint that transformers and bitsandbytes open, then writes them.
class BitsandbytesWriter {
public:
    /// `spec` is what most weights have; it goes into config.json. InvalidArgument where it is not NF4 or FP4.
    explicit BitsandbytesWriter(const QuantizationSpec& spec);

    /// A weight [out, in] "....weight"; `dtype` is what it dequantizes to: "bfloat16", "float16" or "float32".
    void addQuantized(const std::string& name, QuantizedData data, std::string_view dtype = "bfloat16");
    /// A tensor as it is. Its bytes must stay until write() has returned.
    void add(TensorRecord record) { m_records.push_back(std::move(record)); }

    /// Writes model.safetensors, then config.json: the text of the base's with "quantization_config" added.
    /// `skipModules` are linear layers that were not quantized, where others than the output head. The folder is made
    /// where it is missing. Throws BadFile where the text is no JSON object, InvalidArgument, or Io.
    void write(const std::filesystem::path& folder, std::string_view baseConfig, std::string_view computeDtype,
               const std::vector<std::string>& skipModules = {}) const;

private:
    void addBytes(std::string name, StoredType type, std::vector<int64_t> shape, std::span<const std::byte> bytes);

    QuantizationSpec m_spec;
    std::vector<TensorRecord> m_records;
    std::deque<QuantizedData> m_quantized; ///< what m_records refer to, like m_states
    std::deque<std::string> m_states;
};

} // namespace lorikeet
